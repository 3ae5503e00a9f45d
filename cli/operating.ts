import { userInfo } from "node:os";
import { readConfig } from "../config/config.ts";
import type { Decision } from "../domain/entities/decision.ts";
import { SentientError } from "../domain/errors.ts";
import { type CarryOutDeps, judgeWokenCustomers, sendReserved } from "../operations/carry-out.ts";
import { storeTime } from "../operations/deps.ts";
import type { Actor, DeadSelection, Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import type { Acting, Common, Listing, OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { openRuntime } from "./open-runtime.ts";
import { remoteOperations } from "./remote-operations.ts";
import { findServer, type ServerClient, serverThatOwns } from "./server-client.ts";
import { DEFAULT_DATA, withStore, workspaceOfStore } from "./with-store.ts";

/** Arguments of a command that operates. */
export interface Operate extends OnStore, Pick<Common, "json"> {}

/** Arguments of a command after which customers are judged again. */
export interface OperateAndJudge extends Operate, Acting {
  /** On a replayed store: hands messages over for real. */
  readonly live: boolean;
}

/** Where an operation happens, and in whose name. */
type Operating = OnStore & Partial<Acting>;

type Act<Result> = (operations: Operations, actor: Actor) => Promise<Result>;

/** What came of an operation, and what followed from it at once. */
export interface Operated<Result> {
  readonly result: Result;
  readonly decisions: readonly Decision[];
  /** Who decides what follows: nobody has to, this command has, or the running service does. */
  readonly judged: "nothing" | "here" | "by the service";
}

/** Operates on the store, in the name of whoever typed the command. */
export const withOperations = async <Result>(args: Operating, io: Io, act: Act<Result>): Promise<Result> =>
  (await operate(args, io, act)).result;

/**
 * The same, and judges whom the operation has woken. A replayed store has nobody who would, so it is done here; messages are
 * recorded as in the replay, or with `--live` handed over.
 */
export async function operateAndJudge<Result extends { readonly wakes?: string | readonly string[] }>(
  args: Operating & { readonly live: boolean },
  io: Io,
  act: Act<Result>,
): Promise<Operated<Result>> {
  const { result, replayed } = await operate(args, io, act);
  const woken = [result.wakes ?? []].flat();
  if (woken.length === 0) return { result, decisions: [], judged: "nothing" };
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" };
  return { result, decisions: await withRuntime(args, io, replayed, (deps) => judgeWokenCustomers(woken, deps)), judged: "here" };
}

/** Ends pauses, hands over what they kept back and judges whom they kept something from. */
export async function operateAndRelease<Result extends { readonly wakes: readonly string[] }>(
  args: Operating & { readonly live: boolean },
  io: Io,
  act: Act<Result>,
) {
  const { result, replayed } = await operate(args, io, act);
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" as const };
  return withRuntime(args, io, replayed, async (deps) => {
    const released = await sendReserved(deps);
    return { result, ...released, decisions: await judgeWokenCustomers(result.wakes, deps), judged: "here" as const };
  });
}

/** Which entries of a list are asked for. */
export const pageOf = ({ limit, customer }: Listing) => ({ limit, ...(customer === undefined ? {} : { customerId: customer }) });

/** The same, of a list that leaves out what is over. */
export const selectionOf = ({ all, ...page }: Listing & { readonly all: boolean }) => ({ ...pageOf(page), all });

/** Arguments that choose dead letters. */
export interface DeadChosen {
  readonly ids: readonly string[];
  readonly code: string | undefined;
  readonly all: boolean;
}

/** Which dead letters are meant. */
export const deadSelectionOf = ({ ids, code, all }: DeadChosen): DeadSelection => ({
  ...{ ids, all },
  ...(code === undefined ? {} : { code }),
});

/** Who acts: `--by`, or the user of the operating system. */
export function actorOf({ by: given, note }: Partial<Acting>, { environment }: Pick<Io, "environment">): Actor {
  const by = (given ?? systemUser() ?? environment.USER ?? "").trim();
  if (by === "") throw new SentientError("BAD_INPUT", "nobody can be told who does this; give --by NAME");
  return { by, ...(note === undefined ? {} : { note }) };
}

// --- internal ---

/** `replayed`: the workspace of a store that a replay has filled, and whose clock nobody else moves on. */
async function operate<Result>(args: Operating, io: Io, act: Act<Result>): Promise<{ result: Result; replayed?: string }> {
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
function serverFor(args: Operating, io: Io): ServerClient | undefined {
  if (args.data === undefined && readConfig(io.environment).serverUrl !== undefined) return findServer({}, io);
  return isOnServer(args, io) ? undefined : serverThatOwns(dataDirOf(args), io);
}

const dataDirOf = ({ data }: Operating): string => data ?? DEFAULT_DATA;

const isOnServer = ({ data }: Operating, { environment }: Io): boolean =>
  data === undefined && readConfig(environment).databaseUrl !== undefined;

async function withRuntime<Result>(
  args: Operating & { readonly live?: boolean },
  io: Io,
  dir: string,
  work: (deps: CarryOutDeps) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl } = readConfig(io.environment);
  const opened = await openWorkspace(dir, io);
  const place = databaseUrl !== undefined && isOnServer(args, io) ? { databaseUrl } : { dataDir: dataDirOf(args) };
  await using runtime = await openRuntime(opened, io, place, args.live);
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
