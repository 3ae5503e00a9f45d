import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";
import type { Permission } from "../../domain/identity/roles.ts";
import type { Actor } from "../operation.ts";

/** How an operation is asked for over HTTP. `Input` is what its function takes. */
export interface Declared<Input> {
  /** The permission that the caller's role needs. */
  readonly permission: Permission;
  readonly method: "get" | "post";
  /** `{id}` is the id in `Input`; any other name in braces is a member of it too. */
  readonly path: string;
  readonly summary: string;
  /** The rest of `Input`: read from the query of a `get`, from the JSON body of a `post`. */
  readonly input: z.ZodType<Omit<Input, "id">>;
  readonly answer: z.ZodType;
  /** The most bytes of the body of a `post`; default: as for any. */
  readonly maxBytes?: number;
  /** True where an answer may take minutes: the client waits for it. */
  readonly isSlow?: true;
  /** True where `by` in the body is of the input: who acts is known by the key alone. The input then has the `note` too. */
  readonly takesBy?: true;
  /** True where the answer says that it was begun: its status is 202. */
  readonly isAccepted?: true;
  /** The member of the answer that holds the list. */
  readonly list?: string;
  /** Over HTTP the list is read page by page: the answer has the cursor of the next one. */
  readonly paged?: true;
}

/** A line for each function of `T`. */
export type Table<T> = {
  readonly [Noun in keyof T]: {
    readonly [Verb in keyof T[Noun]]: T[Noun][Verb] extends (input: infer Input, actor: Actor) => unknown ? Declared<Input> : never;
  };
};

/** The input of an operation that takes an id alone, or nothing. */
export const Nothing = z.object({});

/** A list, bounded. */
export const list = <Query extends z.ZodType>(name: string, summary: string, input: Query, entry: z.ZodType) =>
  ({
    permission: "read",
    method: "get",
    path: `/v1/${name}`,
    summary,
    input,
    answer: z.object({ [name]: z.array(entry) }),
    list: name,
  }) as const;

/** A list page by page. */
export const pages = <Query extends z.ZodType>(name: string, summary: string, input: Query, entry: z.ZodType) => ({
  ...list(name, summary, input, entry),
  paged: true as const,
  answer: z.object({ [name]: z.array(entry), next: shown(z.string()).optional().describe("The cursor of what follows.") }),
});

/** One thing, by the id in its path. */
export const show = (path: string, summary: string, answer: z.ZodType) =>
  ({ permission: "read", method: "get", path, summary, input: Nothing, answer }) as const;

/** A change, or a question with a body. */
export const act = <Input extends z.ZodType>(permission: Permission, path: string, summary: string, input: Input, answer: z.ZodType) =>
  ({ permission, method: "post", path, summary, input, answer }) as const;
