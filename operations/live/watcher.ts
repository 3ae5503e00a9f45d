import { every, type StartTimer } from "../../concurrency/periodic.ts";
import { SentientError } from "../../domain/errors.ts";
import { SECOND } from "../../domain/values/time.ts";
import type { Mark, Marks } from "../../store/reading/marks.ts";
import { type Hint, hintsBetween, keyOf } from "./hints.ts";

/** A listener for changes, such as a stream to a browser. */
export interface Listener {
  /** Its owner, such as a session: one owner has a bounded number. */
  readonly owner: string;
  /** The session that it belongs to, if it does: it ends with that. */
  readonly sessionId?: string | undefined;
  /** Customers whose changes it wants besides those of all topics. */
  readonly customerIds: readonly string[];
  onHint(hint: Hint): void;
  /** Called every 15 seconds, so that what lies between can tell a quiet stream from a dead one. */
  onAlive(): void;
  /** Called once when the process shuts down or the session has ended; the listener is removed. */
  onBye(): void;
}

/** Watches the store for changes, for all listeners of this process together. */
export interface Watcher {
  /**
   * Adds a listener, which hears what changes from now on, and returns its removal.
   *
   * @throws `OVERLOADED` with more than `MAX_OF_OWNER` listeners of one owner or `MAX_LISTENERS` together, and while draining
   */
  listen(listener: Listener): Promise<() => void>;
  /** Says goodbye to the listeners of a session that has ended in this process. Those of other processes are found by the next look. */
  endSession(sessionId: string): void;
  /** Says goodbye to every listener and accepts none from now on. */
  drain(): void;
}

export interface WatcherOptions {
  readonly marks: Marks;
  /** The ids of the sessions that are in force. */
  readonly sessionIds: () => Promise<readonly string[]>;
  /** Receives the failure of a reading; the next one tries again. */
  readonly onError: (error: unknown) => void;
  readonly startTimer?: StartTimer | undefined;
}

/** A browser needs one; a page that is reloaded or handed over to another tab has two for a moment. */
export const MAX_OF_OWNER = 8;
export const MAX_LISTENERS = 1_000;

/** Reads the marks once a second, in one statement, while there are listeners; otherwise nothing. */
export function createWatcher({ marks, sessionIds, onError, startTimer }: WatcherOptions): Watcher {
  const listeners = new Set<Listener>();
  /** Whether a session may have ended unseen, before or after its listener joined. */
  let asksSessions = false;
  let last: readonly Mark[] = [];
  let ticks = 0;
  let isDraining = false;
  /** Whether there are marks that the next reading is compared with. */
  let isWatching = false;
  const look = async (): Promise<void> => {
    ticks++;
    if (ticks % ALIVE_TICKS === 0) for (const listener of listeners) listener.onAlive();
    const asked = customersOf(listeners);
    const read = await marks.read(asked);
    const before = last;
    // Customers of listeners that joined during the reading keep the marks they joined with.
    last = [...read, ...before.filter((one) => !isAbout(asked, one) && isAbout(customersOf(listeners), one))];
    const hints = hintsBetween(
      before.filter((one) => isAbout(asked, one)),
      read,
    );
    for (const listener of listeners) tell(listener, hints);
    // Ending a session leaves an audit entry; its time runs out without one.
    if (asksSessions || ticks % ALIVE_TICKS === 0 || hints.some(({ topic }) => topic === "audit")) await endSessions();
  };
  const loop = every({ everyMs: SECOND, run: look, onError, ...(startTimer === undefined ? {} : { startTimer }) });
  const remove = (listener: Listener): void => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    isWatching = false;
    void loop.stop();
  };
  const sayBye = (isWanted: (listener: Listener) => boolean): void => {
    for (const listener of [...listeners].filter(isWanted)) {
      remove(listener);
      listener.onBye();
    }
  };
  async function endSessions(): Promise<void> {
    asksSessions = false;
    const asked = new Set([...listeners].filter(({ sessionId }) => sessionId !== undefined));
    if (asked.size === 0) return;
    const inForce = new Set(await sessionIds());
    sayBye((listener) => asked.has(listener) && !inForce.has(listener.sessionId ?? ""));
  }
  return {
    async listen(listener) {
      if (isDraining) throw new SentientError("OVERLOADED", "this process is shutting down; ask again, another one answers");
      requireRoom(listeners, listener.owner);
      // What was read for earlier listeners is too old to be compared with.
      if (listeners.size === 0) last = [];
      listeners.add(listener);
      asksSessions ||= listener.sessionId !== undefined;
      try {
        const read = isWatching && listener.customerIds.length === 0 ? [] : await marks.read(listener.customerIds);
        const known = new Set(last.map(keyOf));
        last = [...last, ...read.filter((one) => !known.has(keyOf(one)))];
      } catch (error) {
        remove(listener);
        throw error;
      }
      if (!isWatching && listeners.size > 0) {
        isWatching = true;
        loop.start();
      }
      return () => remove(listener);
    },
    endSession: (sessionId) => sayBye((listener) => listener.sessionId === sessionId),
    drain() {
      isDraining = true;
      sayBye(() => true);
    },
  };
}

// --- internal ---

/** Proxies close a connection that is silent for a minute, some after 30 seconds. */
const ALIVE_TICKS = 15;

const customersOf = (listeners: Iterable<Listener>): string[] => [...new Set([...listeners].flatMap(({ customerIds }) => customerIds))];

const isAbout = (customerIds: readonly string[], { customerId }: Mark): boolean =>
  customerId === undefined || customerIds.includes(customerId);

/** The hints on all topics, and those on customers that it asked for. */
function tell({ customerIds, onHint }: Listener, hints: readonly Hint[]): void {
  for (const hint of hints) if (hint.customerId === undefined || customerIds.includes(hint.customerId)) onHint(hint);
}

function requireRoom(listeners: ReadonlySet<Listener>, owner: string): void {
  const own = [...listeners].filter((listener) => listener.owner === owner).length;
  if (own >= MAX_OF_OWNER)
    throw new SentientError("OVERLOADED", `expected at most ${MAX_OF_OWNER} streams of one session; close a page of the console`);
  if (listeners.size >= MAX_LISTENERS)
    throw new SentientError("OVERLOADED", `this process has ${MAX_LISTENERS} streams open; the console asks every few seconds instead`);
}
