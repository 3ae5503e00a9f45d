import { deliveryOf, draftOf, type WakeRun } from "../../agents/wake-run.ts";
import { type Canaries, type CanaryState, stateNow } from "../../domain/canary/cohort.ts";
import { type GuardReading, readGuards, readingWords, sightWords, type Tally } from "../../domain/canary/guards.ts";
import type { Canary } from "../../domain/entities/canary.ts";
import { DEFAULT_RESPONSE_MS, type Experience, type Policy } from "../../domain/entities/policy.ts";
import { idFrom } from "../../domain/entities/wake.ts";
import type { Json } from "../../domain/values/json.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import type { KeptCanary, Store, SuccessRule, TallyQuestion } from "../../store/store.ts";

/** Who stops a canary whose guard is broken, and approves one whose time is over. */
export const GUARDS = "guards";

/** An experience that is tried. */
export type Tried = Experience & { readonly canary: Canary };

export const triedIn = ({ experiences }: Policy): Tried[] => experiences.filter((one): one is Tried => one.canary !== undefined);

/** What a watch needs to know of canaries, and notes about them. */
export type WatchedCanaries = Pick<Store["canaries"], "list" | "begin" | "tally" | "stop" | "approve">;

export interface WatchOptions {
  readonly store: { readonly canaries: WatchedCanaries };
  readonly policy: Policy;
  readonly everyone?: boolean | undefined;
  /** What people did to canaries in the store that is replayed: it holds from its own time on. */
  readonly byPeople?: readonly KeptCanary[] | undefined;
  /** Publishes a version in which a canary is approved, where versions are followed; without it, the approval is noted and holds. */
  readonly publish?: ((experienceId: string) => Promise<void>) | undefined;
}

/** What a process knows of canaries, read every now and then. */
export interface KnownCanaries extends Canaries {
  refresh(): Promise<void>;
}

/** The states of all canaries of a store, as of the last refresh. */
export function createKnownCanaries({ canaries }: Pick<Store, "canaries">): KnownCanaries {
  let known = new Map<string, CanaryState | undefined>();
  return {
    stateOf: (life) => known.get(life),
    async refresh() {
      known = new Map((await canaries.list()).map((one) => [one.life, stateNow(one)]));
    },
  };
}

/** What has become of the canaries of a policy, and the look at their guards. */
export interface CanaryWatch extends Canaries {
  /** Reads what is kept, and keeps when lives begin. */
  begin(at: Instant): Promise<void>;
  /** Looks at the guards of every canary that runs, and stops those with a broken one. Returns the ids that it stopped. */
  look(at: Instant): Promise<readonly string[]>;
  /** Approves what is to be approved by this time, before anything is decided at it. */
  atTime(at: Instant | undefined): Promise<void>;
  /** How many of these runs may be written before the guards are looked at again. */
  upTo(runs: readonly WakeRun[]): number;
  /** Whether one of these runs has an outcome that a guard counts. */
  concerns(runs: readonly WakeRun[]): boolean;
}

export function createCanaryWatch({ store, policy, everyone, byPeople = [], publish }: WatchOptions): CanaryWatch {
  const tried = triedIn(policy);
  const people = new Map(byPeople.map((one) => [one.life, ofPeople(one)]));
  let kept = new Map<string, KeptCanary>();
  const read = async (): Promise<void> => {
    kept = new Map((await store.canaries.list()).map((one) => [one.life, one]));
  };
  const stateOf = (life: string): CanaryState | undefined => {
    if (publish) return stateNow(kept.get(life));
    const [own, given] = [kept.get(life), people.get(life)];
    return own || given ? { ...own, ...given } : undefined;
  };
  const isRunning = ({ canary }: Tried, at: Instant): boolean => {
    const { stopped, approved } = stateOf(canary.life) ?? {};
    return (stopped === undefined || stopped.at > at) && (approved === undefined || approved.at > at);
  };
  const endOf = ({ canary }: Tried): Instant | undefined => {
    const began = kept.get(canary.life)?.startedAt;
    return began === undefined || canary.ending === "stay" ? undefined : began + canary.for;
  };
  const isOver = (one: Tried, at: Instant): boolean => (endOf(one) ?? Number.POSITIVE_INFINITY) <= at;
  const concernsOne = (run: WakeRun): boolean =>
    tried.some((one) => isRunning(one, run.now) && (hasOutcomeFor(run, one, policy) || (isOver(one, run.now) && isFrom(run, one))));
  /** Whether it was stopped. */
  const lookAt = async (one: Tried, at: Instant): Promise<boolean> => {
    const { readings, tally } = await figuresOf(one, policy, store, at);
    if (readings.some(({ isBroken }) => isBroken)) return stop(one, readings, at, store);
    if (isOver(one, at) && tally.deliveries >= one.canary.least) await (publish ? publish(one.id) : approve(one, at, store));
    return false;
  };
  const look = async (at: Instant): Promise<readonly string[]> => {
    const stopped: string[] = [];
    for (const one of tried.filter((each) => isRunning(each, at))) if (await lookAt(one, at)) stopped.push(one.id);
    if (tried.length > 0) await read();
    return stopped;
  };
  return {
    stateOf,
    ...(everyone === undefined ? {} : { everyone }),
    async begin(at) {
      if (tried.length === 0) return;
      await store.canaries.begin(
        tried.map(({ id, canary: { life } }) => ({ life, experienceId: id })),
        at,
      );
      await read();
    },
    look,
    async atTime(at) {
      if (at !== undefined && tried.some((one) => isRunning(one, at) && isOver(one, at))) await look(at);
    },
    upTo(runs) {
      if (tried.length === 0) return runs.length;
      for (const [index, run] of runs.entries()) {
        const before = runs[index - 1];
        if (before && tried.some((one) => isRunning(one, run.now) && isOver(one, run.now) && !isOver(one, before.now))) return index;
        if (concernsOne(run)) return index + 1;
      }
      return runs.length;
    },
    concerns: (runs) => runs.some(concernsOne),
  };
}

/** What the guards of a canary see now. */
export async function figuresOf(
  one: Tried,
  policy: Policy,
  store: { readonly canaries: Pick<WatchedCanaries, "tally"> },
  now: Instant,
): Promise<{ readonly tally: Tally; readonly readings: readonly GuardReading[] }> {
  const tally = await store.canaries.tally({ ...countedFor(one, policy), now });
  return { tally, readings: readGuards(one.canary.guards, tally) };
}

/** What its guards saw at each of these times, in order. */
export async function readingsAt(
  one: Tried,
  policy: Policy,
  store: Pick<Store, "canaries">,
  times: readonly Instant[],
): Promise<(readonly GuardReading[])[]> {
  const tallies = await store.canaries.course(countedFor(one, policy), times);
  return tallies.map((tally) => readGuards(one.canary.guards, tally));
}

/** A reading as it is kept and shown. */
export const readingRow = (reading: GuardReading): Json => ({
  guard: { ...reading.guard },
  ...{ events: reading.count.events, trials: reading.count.trials, towards: Math.round(reading.towards * 1_000) / 1_000 },
  ...(reading.others ? { others: { ...reading.others } } : {}),
  ...{ broken: reading.isBroken, says: readingWords(reading) },
});

/** Stops a canary by a broken guard or a person, with a task for its department. */
export async function stopCanary(
  { id, name, department, canary: { life } }: Tried,
  {
    at,
    by,
    why,
    readings,
  }: { readonly at: Instant; readonly by: string; readonly why: string; readonly readings: readonly GuardReading[] },
  { canaries }: { readonly canaries: Pick<WatchedCanaries, "stop"> },
): Promise<boolean> {
  const figures = readings.map(readingRow);
  return canaries.stop(
    { life, at, by, why, readings: figures },
    { at, by, action: "canary_stopped", target: id, details: { why, life } },
    {
      taskId: idFrom("t", "canary", life),
      queue: department ?? "operators",
      summary: `${name} was stopped while it was tried: ${why}`,
      facts: {
        experienceId: id,
        stoppedAt: iso(at),
        stoppedBy: by,
        guards: readings.map(readingWords),
        sight: readings.flatMap(({ guard }) => sightWords(guard, readings.length)),
      },
      at,
      due: at + DAY,
    },
  );
}

// --- internal ---

/** Whose deliveries its guards count, and by which rules. */
function countedFor({ id, serves, success, canary }: Tried, { experiences }: Policy): Omit<TallyQuestion, "now"> {
  const compares = canary.guards.some((guard) => "success" in guard);
  const others = experiences.filter((one) => one.serves.some((moment) => serves.includes(moment)) && isBeside(one, id));
  return {
    ...{ life: canary.life, mine: successRule({ id, success }) },
    others: compares ? others.map((one) => successRule(one.stays ?? one)) : [],
  };
}

const ofPeople = ({ stopped, approved }: KeptCanary): CanaryState => ({
  ...(stopped && stopped.by !== GUARDS ? { stopped } : {}),
  ...(approved && approved.by !== GUARDS ? { approved } : {}),
});

/** The other experiences, and of its own id the one that stays for the other customers. */
const isBeside = (one: Experience, id: string): boolean => one.id !== id || one.stays !== undefined;

const successRule = ({ id, success }: Pick<Experience, "id"> & { readonly success?: Experience["success"] | undefined }): SuccessRule => ({
  experienceId: id,
  within: success?.within ?? DEFAULT_RESPONSE_MS,
  isDefined: success !== undefined,
});

/** Whether a run has an outcome that a guard of a canary counts. */
function hasOutcomeFor(run: WakeRun, { id, serves, canary }: Tried, { experiences }: Policy): boolean {
  const compares = canary.guards.some((guard) => "success" in guard);
  return (draftOf(run)?.changes ?? []).some((change) => {
    if (change.type !== "outcome_added") return false;
    const { experienceId } = change.outcome;
    if (experienceId === id) return true;
    return compares && experiences.some((one) => one.id === experienceId && one.serves.some((moment) => serves.includes(moment)));
  });
}

const isFrom = (run: WakeRun, { canary: { life } }: Tried): boolean => deliveryOf(run)?.canary === life;

const stop = (one: Tried, readings: readonly GuardReading[], at: Instant, store: WatchOptions["store"]): Promise<boolean> => {
  const broken = readings.filter(({ isBroken }) => isBroken).map(readingWords);
  return stopCanary(one, { at, by: GUARDS, why: broken.join("; "), readings }, store);
};

const approve = ({ id, canary: { life } }: Tried, at: Instant, { canaries }: WatchOptions["store"]): Promise<boolean> =>
  canaries.approve({ life, at, by: GUARDS }, { at, by: GUARDS, action: "canary_approved", target: id, details: { life } });
