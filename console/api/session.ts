import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Permission } from "../../domain/identity/roles.ts";
import { post } from "./client.ts";
import { read } from "./queries.ts";

/** The answer of `GET /v1/session`. */
interface SignedIn {
  readonly person: Pick<Session, "name" | "role" | "permissions" | "via">;
  readonly workspace: { readonly name: string; readonly zone: string };
  readonly version: string;
  readonly policyVersion: string;
  readonly at: string;
}

/** The session: the person, their permissions and the workspace. */
export interface Session {
  readonly name: string;
  readonly role: string;
  readonly permissions: readonly Permission[];
  readonly via: string;
  readonly workspace: string;
  readonly zone: string;
  readonly version: string;
  readonly policyVersion: string;
  /** The time of the server when it was asked. */
  readonly at: string;
}

export const sessionQuery = () => queryOptions({ ...read<SignedIn>("session", "/v1/session"), select: sessionOf });

export const useSession = (): Session | undefined => useQuery(sessionQuery()).data;

/** Whether the person who is signed in may do something; what one may not do is absent from the page. */
export function useMay(): (permission: Permission) => boolean {
  const session = useSession();
  return (permission) => session?.permissions.includes(permission) ?? false;
}

/** The code of a link that signs in once: `#code=…`. */
export const codeIn = (hash: string): string | undefined => /^#code=([\w-]{1,200})$/.exec(hash)?.[1];

/** Signs in by the code of this page's address, which it takes out of it; gives why that failed. */
export async function signInByCode(page: Pick<Window, "location" | "history"> = window): Promise<string | undefined> {
  const { location, history } = page;
  const code = codeIn(location.hash);
  if (code === undefined) return undefined;
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  return post("/v1/session", { code }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

// --- internal ---

const sessionOf = ({ person, workspace, ...rest }: SignedIn): Session => ({
  ...rest,
  ...person,
  workspace: workspace.name,
  zone: workspace.zone,
});
