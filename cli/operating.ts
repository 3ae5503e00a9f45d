import { userInfo } from "node:os";
import { readConfig } from "../config/config.ts";
import type { Decision } from "../domain/entities/decision.ts";
import { SentientError } from "../domain/errors.ts";
import { type CarryOutDeps, handOverReserved, judgeWoken } from "../operations/carry-out.ts";
import { storeTime } from "../operations/deps.ts";
import type { Actor, DeadSelection, Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import { type Arguments, text } from "./command.ts";
import type { Io } from "./io.ts";
import { openRuntime } from "./open-runtime.ts";
import { openWorkspace } from "./open-workspace.ts";
import { remoteOperations } from "./remote-operations.ts";
import { findServer, type ServerClient, serverThatOwns } from "./server-client.ts";
import { DEFAULT_DATA, limitOf, withStore, workspaceOfStore } from "./with-store.ts";

type Act<Result> = (operations: Operations, actor: Actor) => Promise<Result>;

/** What came of an operation, and what followed from it at once. */
export interface Operated<Result> {
  readonly result: Result;
  readonly decisions: readonly Decision[];
  /** Who decides what follows: nobody has to, this command has, or the running service does. */
  readonly judged: "nothing" | "here" | "by the service";
}

/** Operates on the store, in the name of whoever typed the command. */
export const withOperations = async <Result>(args: Arguments, io: Io, act: Act<Result>): Promise<Result> =>
  (await operate(args, io, act)).result;

/**
 * The same, and judges whom the operation has woken. A replayed store has nobody who would, so it is done here; messages are
 * recorded as in the replay, or with `--live` handed over.
 */
export async function operateAndJudge<Result extends { readonly wakes?: string | readonly string[] }>(
  args: Arguments,
  io: Io,
  act: Act<Result>,
): Promise<Operated<Result>> {
  const { result, replayed } = await operate(args, io, act);
  const woken = [result.wakes ?? []].flat();
  if (woken.length === 0) return { result, decisions: [], judged: "nothing" };
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" };
  return { result, decisions: await withRuntime(args, io, replayed, (deps) => judgeWoken(woken, deps)), judged: "here" };
}

/** Ends pauses, hands over what they kept back and judges whom they kept something from. */
export async function operateAndRelease<Result extends { readonly wakes: readonly string[] }>(args: Arguments, io: Io, act: Act<Result>) {
  const { result, replayed } = await operate(args, io, act);
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" as const };
  return withRuntime(args, io, replayed, async (deps) => {
    const released = await handOverReserved(deps);
    return { result, ...released, decisions: await judgeWoken(result.wakes, deps), judged: "here" as const };
  });
}

/** What of a list is asked for. */
export const selectionOf = (args: Arguments) => {
  const customerId = text(args.options.customer);
  return { limit: limitOf(args), all: args.options.all === true, ...(customerId === undefined ? {} : { customerId }) };
};

/** Which dead letters are meant. */
export const deadSelectionOf = ({ positionals, options }: Arguments): DeadSelection => {
  const code = text(options.code);
  return { ids: positionals, all: options.all === true, ...(code === undefined ? {} : { code }) };
};

/** Who acts: `--by`, or the user of the operating system. */
export function actorOf({ options }: Arguments, { environment }: Pick<Io, "environment">): Actor {
  const by = (text(options.by) ?? systemUser() ?? environment.USER ?? "").trim();
  if (by === "") throw new SentientError("BAD_INPUT", "nobody can be told who does this; give --by NAME");
  const note = text(options.note);
  return { by, ...(note === undefined ? {} : { note }) };
}

// --- internal ---

/** `replayed`: the workspace of a store that a replay has filled, and whose clock nobody else moves on. */
async function operate<Result>(args: Arguments, io: Io, act: Act<Result>): Promise<{ result: Result; replayed?: string }> {
  const actor = actorOf(args, io);
  const server = serverFor(args, io);
  if (server) return { result: await act(remoteOperations(server), actor) };
  return withStore(args, io, async (store) => {
    const { policy, dir } = await workspaceOfStore(args, io, store);
    const result = await act(createOperations({ store, policy, now: io.now }), actor);
    const { isReplay } = await storeTime({ store, now: io.now });
    return { result, ...(isReplay ? { replayed: dir } : {}) };
  });
}

/** The server that is named sends for everything but a store that is named too; else the one that owns the store. */
function serverFor(args: Arguments, io: Io): ServerClient | undefined {
  if (text(args.options.data) === undefined && readConfig(io.environment).serverUrl !== undefined) return findServer(args, io);
  return isOnServer(args, io) ? undefined : serverThatOwns(dataDirOf(args), io);
}

const dataDirOf = ({ options }: Arguments): string => text(options.data) ?? DEFAULT_DATA;

const isOnServer = ({ options }: Arguments, { environment }: Io): boolean =>
  text(options.data) === undefined && readConfig(environment).databaseUrl !== undefined;

async function withRuntime<Result>(args: Arguments, io: Io, dir: string, work: (deps: CarryOutDeps) => Promise<Result>): Promise<Result> {
  const { databaseUrl } = readConfig(io.environment);
  const opened = await openWorkspace(dir, io);
  const place = databaseUrl !== undefined && isOnServer(args, io) ? { databaseUrl } : { dataDir: dataDirOf(args) };
  await using runtime = await openRuntime(opened, io, place, args.options.live === true);
  return await work({ store: runtime.store, decider: runtime.decider, policy: opened.workspace.policy, now: io.now });
}

/** Nobody, in a container whose user has no name. */
function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
