import { userInfo } from "node:os";
import { readConfig } from "../config/config.ts";
import type { AskAnswer } from "../domain/entities/ask.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/values/json.ts";
import type { LookUps } from "../operations/look-ups.ts";
import type { Actor, Operations, Page } from "../operations/operation.ts";
import type { Runtime } from "../runtime/create-runtime.ts";
import type { OpenWorkspace } from "../runtime/open-workspace.ts";
import { askOn, carryingOut } from "../runtime/opened-store.ts";
import type { Acting, Common, Listing, OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { openRuntime } from "./open-runtime.ts";
import { remoteLookUps, remoteOperations } from "./remote.ts";
import { findServer, type ServerClient, serverThatOwns } from "./server-client.ts";
import { DEFAULT_DATA, withStore, workspaceOfStore } from "./with-store.ts";

/** Arguments of a command that runs an operation or a look-up. */
export interface Operate extends OnStore, Pick<Common, "json"> {}

/** Arguments of a command after which customers are judged again. */
export interface OperateAndJudge extends Operate, Acting {
  /** On a replayed store: sends messages for real. */
  readonly live: boolean;
}

/** The store of an operation, and its actor. */
type Operating = OnStore & Partial<Acting>;

type Act<Result> = (operations: Operations, actor: Actor) => Promise<Result>;

/** The result of an operation, with the decisions that followed at once. */
export interface Operated<Result> {
  readonly result: Result;
  readonly decisions: readonly Decision[];
  /** The process that decides the wakes: none is needed, this command has, or the running service does. */
  readonly judged: "nothing" | "here" | "by the service";
}

/** Runs an operation on the store, with the user of the command as actor. */
export const withOperations = async <Result>(args: Operating, io: Io, act: Act<Result>): Promise<Result> =>
  (await operate(args, io, act)).result;

/**
 * The same, and decides the customers that the operation has woken. A replayed store has no service for that, so it is done
 * here; messages are recorded as in the replay, or with `--live` sent.
 */
export async function operateAndJudge<Result extends { readonly wakes?: string | readonly string[] | undefined }>(
  args: Operating & { readonly live: boolean },
  io: Io,
  act: Act<Result>,
): Promise<Operated<Result>> {
  const { result, replayed } = await operate(args, io, act);
  const woken = [result.wakes ?? []].flat();
  if (woken.length === 0) return { result, decisions: [], judged: "nothing" };
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" };
  return { result, decisions: await withCarrying(args, io, replayed, ({ judge }) => judge(woken)), judged: "here" };
}

/** Ends pauses, sends the deliveries that they held and decides the customers that they affected. */
export async function operateAndRelease<Result extends { readonly wakes: readonly string[] }>(
  args: Operating & { readonly live: boolean },
  io: Io,
  act: Act<Result>,
) {
  const { result, replayed } = await operate(args, io, act);
  if (replayed === undefined) return { result, decisions: [], judged: "by the service" as const };
  return withCarrying(args, io, replayed, async ({ judge, release }) => {
    const released = await release();
    return { result, ...released, decisions: await judge(result.wakes), judged: "here" as const };
  });
}

/**
 * Asks on the store itself, at its time. On a replayed store what is given is recorded; on another one it is given, and what a message
 * of an earlier wake needs is left to the service.
 */
export async function askOnStore(args: OnStore, io: Io, body: JsonObject): Promise<AskAnswer> {
  const { opened, isReplay } = await withStore(args, io, async (store) => ({
    opened: (await workspaceOfStore(args, io, store)).opened,
    isReplay: await store.isReplay(),
  }));
  const how = isReplay ? {} : { live: true, works: false };
  return withRuntime(args, io, opened, how, (runtime) => askOn(runtime, body, io.now));
}

/** The page of a list that the arguments request. */
export const pageOf = ({ limit, customer: customerId }: Listing): Page => ({ limit, customerId });

/** Runs a look-up on the server that is given or owns the store, otherwise on the store itself. */
export function withLookUps<Result>(args: OnStore, io: Io, work: (lookUps: LookUps) => Promise<Result>): Promise<Result> {
  const server = serverFor(args, io);
  if (server) return work(remoteLookUps(server, io.warn));
  return withStore(args, io, (store) => work(store.lookUps(() => workspaceOfStore(args, io, store))));
}

/** The actor: `--by`, or the user of the operating system. */
export function actorOf({ by: given, note }: Partial<Acting>, { environment }: Pick<Io, "environment">): Actor {
  const by = (given ?? systemUser() ?? environment.USER ?? "").trim();
  if (by === "") throw new SentientError("BAD_INPUT", "the name of the operator is unknown; give --by NAME");
  return { by, ...(note === undefined ? {} : { note }) };
}

// --- internal ---

/** `replayed`: the workspace of a store that a replay has filled, whose clock no service advances. */
async function operate<Result>(args: Operating, io: Io, act: Act<Result>): Promise<{ result: Result; replayed?: OpenWorkspace }> {
  const actor = actorOf(args, io);
  const server = serverFor(args, io);
  if (server) return { result: await act(remoteOperations(server, io.warn), actor) };
  return withStore(args, io, async (store) => {
    const workspace = await workspaceOfStore(args, io, store);
    const result = await act(store.operations(workspace), actor);
    return { result, ...((await store.isReplay()) ? { replayed: workspace.opened } : {}) };
  });
}

/** The given server handles everything except an explicitly given store; otherwise the server that owns the store, if any. */
export function serverFor(args: Operating, io: Io): ServerClient | undefined {
  if (args.data === undefined && readConfig(io.environment).serverUrl !== undefined) return findServer({}, io);
  return isOnServer(args, io) ? undefined : serverThatOwns(dataDirOf(args), io);
}

const dataDirOf = ({ data }: Operating): string => data ?? DEFAULT_DATA;

const isOnServer = ({ data }: Operating, { environment }: Io): boolean =>
  data === undefined && readConfig(environment).databaseUrl !== undefined;

const withCarrying = <Result>(
  { live, ...args }: Operating & { readonly live: boolean },
  io: Io,
  opened: OpenWorkspace,
  work: (carrying: ReturnType<typeof carryingOut>) => Promise<Result>,
): Promise<Result> => withRuntime(args, io, opened, { live }, (runtime, policy) => work(carryingOut(runtime, policy, io.now)));

async function withRuntime<Result>(
  args: Operating,
  io: Io,
  opened: OpenWorkspace,
  how: Parameters<typeof openRuntime>[3],
  work: (runtime: Runtime, policy: Policy) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl } = readConfig(io.environment);
  const place = databaseUrl !== undefined && isOnServer(args, io) ? { databaseUrl } : { dataDir: dataDirOf(args) };
  await using runtime = await openRuntime(opened, io, place, how);
  return await work(runtime, opened.workspace.policy);
}

/** The user of this machine. Undefined in a container whose user has no name. */
export function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
