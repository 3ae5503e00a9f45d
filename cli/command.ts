import { resolve } from "node:path";
import { SentientError } from "../domain/errors.ts";
import type { Io } from "./io.ts";

/** The declaration of an option. `T` is the type that the command reads: the typed value, parsed by its kind. */
export interface Option<T> {
  readonly kind: "flag" | "text" | "texts" | "path" | "whole" | "number" | "time" | "choice" | "address" | "json" | "id";
  readonly help: string;
  /** The placeholder of its value in help. */
  readonly value?: string;
  readonly short?: string;
  /** The command refuses to start without it. */
  readonly isNeeded?: boolean;
  /** The smallest and largest number. */
  readonly least?: number;
  readonly most?: number;
  /** How an error describes the number, where the bounds are not enough. */
  readonly expected?: string;
  /** The allowed words. */
  readonly of?: readonly string[];
  /** Another name under which it may be typed. */
  readonly also?: string;
  /** The default value. */
  readonly otherwise?: T;
  /** Never set: carries the type. */
  readonly is?: T;
}

/** The declaration of a positional argument: `one` is required, `maybe` is optional, `many` takes the rest. */
export interface Word<T> {
  readonly shown: string;
  readonly count: "one" | "maybe" | "many";
  /** Never set: carries the type. */
  readonly is?: T;
}

type Words = Readonly<Record<string, Word<unknown>>>;
type Options = Readonly<Record<string, Option<unknown>>>;

/** One command: its arguments, its help, and the file that runs it. */
export interface Entry {
  /** The words of the command; its file in `cli/commands/` has the same path. */
  readonly name: string;
  readonly summary: string;
  /** Shown in the command's own help. */
  readonly more?: string;
  readonly hidden?: boolean;
  /** Why it does not go to the server of SENTIENT_URL; absent where it does. Shown in its help. */
  readonly stays?: string;
  readonly words: Words;
  /** By the names that the command reads; `takeOver` is typed `--take-over`. */
  readonly options: Options;
  load(): Promise<{ run(typed: never, io: Io): Promise<number> }>;
}

/** Options that every command may read. */
export interface Common {
  /** The workspace folder, where one is given. */
  readonly workspace: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** The arguments that a declaration reads. */
type Typed<W, O> = { readonly [K in keyof W]: W[K] extends Word<infer T> ? T : never } & {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
} & Common;

type NoKeys = Readonly<Record<never, never>>;

/**
 * Declares a command. It does not compile where its file reads an argument that is not declared, or leaves a declared one
 * unread.
 */
export type Declare = <Arguments, W extends Words = NoKeys, O extends Options = NoKeys>(
  entry: {
    readonly name: string;
    readonly summary: string;
    readonly more?: string;
    readonly hidden?: boolean;
    readonly stays?: string;
    readonly words?: W;
    readonly options?: O;
    readonly load: () => Promise<{ readonly run: (typed: Arguments, io: Io) => Promise<number> }>;
  } & ([Exclude<keyof W | keyof O, keyof Arguments>] extends [never]
    ? unknown
    : { readonly isReadByNobody: Exclude<keyof W | keyof O, keyof Arguments> }) &
    ([Typed<W, O>] extends [Arguments] ? unknown : { readonly isNotDeclared: Exclude<keyof Arguments, keyof Typed<W, O>> }),
) => Entry;

/** Arguments of a command on a store. */
export interface OnStore extends Pick<Common, "workspace"> {
  /** Folder of the embedded store, where one is given. */
  readonly data: string | undefined;
}

/** Arguments of a command that writes an audit entry. */
export interface Acting {
  readonly by: string | undefined;
  readonly note: string | undefined;
}

/** Arguments of a command that shows a list. */
export interface Listing {
  readonly limit: number;
  /** The id of the customer whose entries are listed; all customers' where undefined. */
  readonly customer: string | undefined;
}

export const DONE = 0;
export const FAILED = 1;
export const BELOW_GATE = 3;
export const INTERRUPTED = 130;

/**
 * The workspace folder: the first word, `--workspace`, or the current folder.
 *
 * @throws `BAD_INPUT` where both name one, and not the same
 */
export function workspaceOf({ dir, workspace }: { readonly dir?: string | undefined } & Pick<Common, "workspace">): string {
  if (dir !== undefined && workspace !== undefined && resolve(dir) !== resolve(workspace))
    throw new SentientError("BAD_INPUT", `two workspaces are named: ${dir} and --workspace ${workspace}; name one`);
  return dir ?? workspace ?? ".";
}
