import {
  infiniteQueryOptions,
  keepPreviousData,
  QueryClient,
  queryOptions,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { get, Problem, post, type Query } from "./client.ts";
import { firstReads } from "./first-reads.ts";
import { lookAgain } from "./look-again.ts";

/** The subject of an answer. The live stream names topics, and every query key begins with one. */
export const TOPICS = [
  "session",
  "overview",
  "decisions",
  "tasks",
  "approvals",
  "promises",
  "pauses",
  "dead",
  "inbox",
  "deliveries",
  "calls",
  "audit",
  "runs",
  "customer",
  "customers",
  "policy",
  "canaries",
  "proposals",
  "versions",
  "rehearsals",
] as const;
export type Topic = (typeof TOPICS)[number];

/** A list of the API: `next` is the cursor of what follows. */
export interface Page {
  readonly next?: string | undefined;
}

/** A read of the API: `useQuery(read<View>("tasks", "/v1/tasks", { queue }))`. The page before stays visible while it loads. */
export const read = <Answer>(topic: Topic, path: string, query: Query = {}) =>
  queryOptions({
    queryKey: [topic, path, query] as const,
    queryFn: async ({ signal }) => {
      // The session says whether there is a stream to wait for.
      if (topic !== "session") await firstReads.wait();
      return get<Answer>(path, query, signal);
    },
    placeholderData: keepPreviousData,
  });

/** A list page by page: `useInfiniteQuery(readPages<Lines>("decisions", "/v1/decisions", { view: "line" }))`. */
export const readPages = <Answer extends Page>(topic: Topic, path: string, query: Query = {}) =>
  infiniteQueryOptions({
    queryKey: [topic, path, "pages", query] as const,
    queryFn: async ({ signal, pageParam }) => {
      await firstReads.wait();
      return get<Answer>(path, { ...query, cursor: pageParam }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Answer) => page.next,
    placeholderData: keepPreviousData,
  });

/** The rest of a list for its table; undefined at its end. */
export const moreOf = ({
  hasNextPage,
  isFetchingNextPage,
  fetchNextPage,
}: {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}): { readonly load: () => unknown; readonly busy: boolean } | undefined =>
  hasNextPage ? { load: fetchNextPage, busy: isFetchingNextPage } : undefined;

/** A change over the API, after which the reads of `topics` are looked at again. */
export function useAct<Answer, Input = void>(
  send: (input: Input) => { readonly path: string; readonly body?: unknown },
  topics: readonly Topic[],
): UseMutationResult<Answer, Problem, Input> {
  const client = useQueryClient();
  return useMutation<Answer, Problem, Input>({
    mutationFn: (input) => {
      const { path, body } = send(input);
      return post<Answer>(path, body);
    },
    onSettled: () => lookAgain(client, ([topic]) => topics.some((one) => one === topic)),
  });
}

/** Whether a failed read may succeed when it is repeated at once: the server was not reached, or failed without saying when to come back. */
export const isWorthRepeating = (failures: number, error: Error): boolean =>
  failures < 2 && error instanceof Problem && error.retryAfterSeconds === undefined && (error.status === 0 || error.status >= 500);

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      // Loopback answers without a network.
      queries: { staleTime: 10_000, retry: isWorthRepeating, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
