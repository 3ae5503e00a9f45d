import { every, type StartTimer } from "../../concurrency/periodic.ts";
import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { type Instant, SECOND } from "../../domain/values/time.ts";
import type { OutageMonitor } from "../../health/outage.ts";
import { knownHash } from "../../intake/erasure.ts";
import type { KeptRequest, RehearsalError, RehearsalProgress } from "../../operations/rehearsals/views.ts";
import type { RehearsalEnd, Store, TakenRehearsal } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { PackedFiles } from "../../workspace/versions/version-files.ts";
import type { PlayRehearsal } from "./play-rehearsal.ts";

export interface RehearsingOptions {
  readonly store: Store;
  readonly play: PlayRehearsal;
  /** Names this process among those of the store. */
  readonly owner: string;
  readonly now: () => Instant;
  readonly log: Log;
  readonly outages: OutageMonitor;
  readonly startTimer?: StartTimer | undefined;
}

/** Plays the rehearsals of a store in this process's turn: one at a time, whatever other processes of the store do. */
export interface Rehearsing {
  start(): void;
  /** One was added or cancelled. */
  nudge(): void;
  /** Plays what waits, unless another process plays one. */
  played(): Promise<void>;
  /** Puts the one that is played back, for another process or the next start. */
  stop(): Promise<void>;
}

/** How long one stays with a process that says nothing more of it. */
const LEASE_MS = 30 * SECOND;

export function createRehearsing({ store, play, owner, now, log, outages, startTimer }: RehearsingOptions): Rehearsing {
  const onError = (error: unknown): void => outages.report(error);
  const timed = { onError, ...(startTimer === undefined ? {} : { startTimer }) };
  let isStopping = false;
  /** What is played here: looks whether it still is ours, and ends it. */
  let current: { renew(): Promise<void>; stop(): void } | undefined;
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (!isStopping) {
      const taken = await store.rehearsals.claim({ owner, leaseMs: LEASE_MS, now: now(), givenUp: GIVEN_UP });
      if (!taken) return;
      await playOne(taken);
    }
  };
  const look = (): Promise<void> => {
    working ??= work().finally(() => {
      working = undefined;
    });
    return working;
  };

  async function playOne({ rehearsalId, request, files }: TakenRehearsal): Promise<void> {
    const stop = new AbortController();
    let isOurs = true;
    let progress: RehearsalProgress | undefined;
    const renew = async (): Promise<void> => {
      isOurs = await store.rehearsals.renew(rehearsalId, owner, LEASE_MS, progress as JsonObject | undefined);
      if (!isOurs) stop.abort();
    };
    const renewing = every({ everyMs: SECOND, run: renew, ...timed });
    current = { renew, stop: () => stop.abort() };
    if (isStopping) stop.abort();
    renewing.start();
    log.info("a rehearsal is played", { rehearsalId });
    const onProgress = (told: RehearsalProgress): void => {
      progress = told;
    };
    // As `start` of the operations has written them.
    const [asked, given] = [request as unknown as KeptRequest, files as PackedFiles | undefined];
    const end = await ended(() => play(asked, store.database, { files: given, signal: stop.signal, onProgress }), { store, log });
    await renewing.stop();
    current = undefined;
    if (!isOurs) return;
    if (isStopping) return store.rehearsals.release(rehearsalId, owner);
    if (!end) {
      log.warn("what played a rehearsal was killed", { rehearsalId });
      return store.rehearsals.drop(rehearsalId, owner);
    }
    const kept = await store.rehearsals.end(rehearsalId, owner, now(), end);
    log.info("a rehearsal has ended", { rehearsalId, status: kept ? end.status : "cancelled" });
  }

  const looking = every({ everyMs: SECOND, run: look, ...timed });
  return {
    start: () => looking.start(),
    nudge() {
      void (current ? current.renew() : look()).catch(onError);
    },
    played: look,
    async stop() {
      isStopping = true;
      current?.stop();
      await looking.stop();
      await working?.catch(onError);
    },
  };
}

// --- internal ---

async function ended(
  played: () => ReturnType<PlayRehearsal>,
  { store, log }: Pick<RehearsingOptions, "store" | "log">,
): Promise<RehearsalEnd | undefined> {
  try {
    const one = await played();
    if (!one) return undefined;
    const hash = await knownHash(store);
    const erasedAs = hash && ((customerId: string) => hash("customer", customerId));
    return { status: "done", result: one.result as unknown as JsonObject, rows: one.rows, erasedAs };
  } catch (error) {
    if (!(error instanceof SentientError)) log.error("a rehearsal has failed", errorFields(error));
    return { status: "failed", error: errorOf(error) };
  }
}

const GIVEN_UP = {
  code: "INTERRUPTED",
  message: "each process that played it was ended before it was done, so that it is given up; the log of the server says more",
} satisfies RehearsalError;

const errorOf = (error: unknown): RehearsalError & JsonObject =>
  error instanceof SentientError
    ? { code: error.code, message: error.message }
    : { code: "UNEXPECTED", message: "something unexpected happened; the log of the server says more" };
