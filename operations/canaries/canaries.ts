import { stateNow } from "../../domain/canary/cohort.ts";
import { boundOf, deliveriesToSee, guardWords, readingWords } from "../../domain/canary/guards.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { iso } from "../../domain/values/time.ts";
import { figuresOf, readingsAt, stopCanary, type Tried, triedIn } from "../../engine/canaries/canary-watch.ts";
import type { KeptCanary, Store } from "../../store/store.ts";
import { approvedText } from "../../workspace/canaries/approved-text.ts";
import { auditOf, storeTime } from "../deps.ts";
import type { Actor, Of } from "../operation.ts";
import type { VersionOperations } from "../versions/versions.ts";
import type { ApprovedCanary, CanaryView, CourseView, StoppedCanary } from "./views.ts";

/** Experiences of the version in force that are tried on a share of customers, by their ids. */
export interface CanaryOperations {
  readonly canaries: {
    list(input?: object): Promise<CanaryView[]>;
    /** One by its id, with what its guards have seen over time. */
    show(canary: Of): Promise<CourseView>;
    /** Stops a canary for all its customers, with a task for its department; idempotent. */
    stop(canary: Of, actor: Actor): Promise<StoppedCanary>;
    /** Publishes the version in force with the canary approved for everybody. Throws `CONFLICT` where nothing is in force. */
    approve(canary: Of, actor: Actor): Promise<ApprovedCanary>;
  };
}

export interface CanaryDeps {
  readonly store: Store;
  readonly now: () => number;
  readonly policy: () => Policy;
  readonly versions: Pick<VersionOperations["versions"], "files" | "publish">;
}

export function canaryOperations(deps: CanaryDeps): CanaryOperations["canaries"] {
  return {
    async list() {
      const kept = await keptOf(deps);
      return Promise.all(triedIn(deps.policy()).map((one) => viewOf(one, kept.get(one.canary.life), deps)));
    },
    async show({ id }) {
      const one = find(id, deps.policy());
      const kept = (await keptOf(deps)).get(one.canary.life);
      return { ...(await viewOf(one, kept, deps)), courses: await coursesOf(one, kept, deps) };
    },
    async stop({ id }, actor) {
      const one = find(id, deps.policy());
      const { at } = await storeTime(deps);
      await deps.store.canaries.begin([{ life: one.canary.life, experienceId: one.id }], at);
      const { readings } = await figuresOf(one, deps.policy(), deps.store, at);
      const why = `stopped by ${actor.by}${actor.note === undefined ? "" : `: ${actor.note}`}`;
      const changed = await stopCanary(one, { at, by: actor.by, why, readings }, deps.store);
      return { ...(await viewOf(one, (await keptOf(deps)).get(one.canary.life), deps)), changed };
    },
    approve: ({ id }, actor) => approve(find(id, deps.policy()), actor, deps),
  };
}

// --- internal ---

const keptOf = async ({ store }: CanaryDeps): Promise<Map<string, KeptCanary>> =>
  new Map((await store.canaries.list()).map((one) => [one.life, one]));

function find(id: string, policy: Policy): Tried {
  const one = triedIn(policy).find((tried) => tried.id === id);
  if (one) return one;
  const other = policy.experiences.find((experience) => experience.id === id);
  const why = other ? `the status of ${id} is ${other.status}` : `there is no experience ${id}`;
  throw new SentientError("NOT_FOUND", `${why} in the version in force; npx sentient canaries list shows the canaries`);
}

async function viewOf(one: Tried, kept: KeptCanary | undefined, deps: CanaryDeps): Promise<CanaryView> {
  const { id, name, department, source, canary } = one;
  const { at } = await storeTime(deps);
  const { tally, readings } = await figuresOf(one, deps.policy(), deps.store, at);
  const { stopped } = stateNow(kept) ?? {};
  return {
    ...{ experienceId: id, name, file: source.file, share: canary.share, state: stopped ? "stopped" : "running" },
    stays: one.stays !== undefined,
    ...(department === undefined ? {} : { department }),
    ...(kept ? { startedAt: iso(kept.startedAt), endsAt: iso(kept.startedAt + canary.for) } : {}),
    ...{ ending: canary.ending, least: canary.least, deliveries: tally.deliveries },
    guards: readings.map((reading) => ({
      ...{
        guard: guardWords(reading.guard),
        ...reading.count,
        towards: reading.towards,
        broken: reading.isBroken,
        says: readingWords(reading),
        sight: deliveriesToSee(reading.guard, readings.length),
      },
      ...(reading.others ? { others: reading.others } : {}),
    })),
    ...(stopped && kept?.stopped ? { stopped: { at: iso(kept.stopped.at), by: kept.stopped.by, why: kept.stopped.why } } : {}),
  };
}

/** The times of a life at which its guards are shown. */
const MOST_POINTS = 40;

async function coursesOf(one: Tried, kept: KeptCanary | undefined, deps: CanaryDeps): Promise<CourseView["courses"]> {
  const { at } = await storeTime(deps);
  const times = kept ? timesBetween(kept.startedAt, stateNow(kept)?.stopped?.at ?? at) : [];
  const readings = await readingsAt(one, deps.policy(), deps.store, times);
  return one.canary.guards.map((guard, index) => ({
    ...{ guard: guardWords(guard), isLeast: "success" in guard },
    points: times.flatMap((time, place) => {
      const reading = readings[place]?.[index];
      if (!reading) return [];
      const bound = boundOf(reading);
      return [{ at: iso(time), ...reading.count, ...(bound === undefined ? {} : { bound }), towards: reading.towards }];
    }),
  }));
}

/** Evenly from the first to the last, both included. */
function timesBetween(first: number, last: number): number[] {
  if (last <= first) return [first];
  const points = Math.min(MOST_POINTS, Math.ceil(last - first) + 1);
  return Array.from({ length: points }, (_, place) => Math.round(first + ((last - first) * place) / (points - 1)));
}

async function approve({ id, source: { file }, canary: { life } }: Tried, actor: Actor, deps: CanaryDeps): Promise<ApprovedCanary> {
  const { store, versions } = deps;
  const inForce = await store.versions.inForce();
  if (inForce === undefined)
    throw new SentientError(
      "CONFLICT",
      `no version is in force that ${id} could be approved in; publish the folder first: npx sentient publish DIR`,
    );
  const { files } = await versions.files({ id: inForce });
  const text = files[file];
  if (typeof text !== "string") throw new SentientError("CONFLICT", `version ${inForce.slice(0, 12)} has no text ${file}`);
  const changed = { ...files, [file]: approvedText(text) };
  const published = await versions.publish({ files: changed, over: inForce, from: "canaries approve" }, actor);
  const { at } = await storeTime(deps);
  await store.canaries.begin([{ life, experienceId: id }], at);
  await store.canaries.approve(
    { life, at, by: actor.by },
    auditOf(deps, actor, { action: "canary_approved", target: id, details: { life, policyVersion: published.policyVersion } }),
  );
  return { experienceId: id, changed: true, policyVersion: published.policyVersion, file };
}
