import { fixedCatalogue } from "../../delivery/catalogue.ts";
import type { ToolDeps } from "../../delivery/tool-deps.ts";
import type { Canaries } from "../../domain/canary/cohort.ts";
import { compareDecisions, wakeKey } from "../../domain/deciding/compare-decisions.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { customerOf, wakeRecord } from "../../domain/entities/wake.ts";
import { SentientError } from "../../domain/errors.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import { checkSupposed, readSupposed, type Supposed, supposing } from "../../domain/record/suppose.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import { importCustomers } from "../../intake/import-customers.ts";
import type { KeptCanary, Store } from "../../store/store.ts";
import { createDecider, type Decider, type DeciderOptions } from "../decide.ts";
import type { DueWake } from "../due-wake.ts";
import { importLine } from "../recorded-stream.ts";
import { runStream } from "../run-stream.ts";
import { type GoldenCase, goldenCaseOf, holdsIn, linesOfCase } from "./golden-case.ts";
import { createKnownThen, keyInAnyPlace } from "./known-then.ts";
import { type OwnHistory, ownHistory, ownStream, refused } from "./own-history.ts";
import { pathsReadBy } from "./paths-read.ts";

/** What is otherwise: facts by the path of the trait, the time of the wake, the policy. */
export interface Changed {
  readonly set?: Supposed | undefined;
  readonly at?: Instant | undefined;
  /** Decides instead of the policy that the decision names. */
  readonly under?: Policy | undefined;
  /** An experience whose candidate stays whole in the answer, however many there are. */
  readonly whole?: string | undefined;
  /** Set: the answer has it as a case of golden decisions, masked or with names, addresses and texts. */
  readonly keep?: "masked" | "personal" | undefined;
}

/** A decision as it was recorded, and as it would have been; null where none would have been made. */
export interface WhatIf {
  readonly before: Decision;
  readonly after: Decision | null;
  readonly same: boolean;
  /** The case of golden decisions, where it was asked for. */
  readonly golden?: GoldenCase;
}

/** An empty store, and what calls of tools on it need. */
export interface EmptyPlace {
  readonly store: Store;
  readonly deps: ToolDeps;
  close(): Promise<void>;
}

export interface ConsiderDeps {
  /** The store with the decision; read only. */
  readonly source: Store;
  /** The policy that a version names, as it was in force at a time; undefined where it is not kept, or this process cannot compile it. */
  policyOf(version: string, at: Instant): Promise<Policy | undefined>;
  open(policy: Policy): Promise<EmptyPlace>;
}

/**
 * Decides a recorded decision again with something changed, from the customer's own signals up to its wake; draws, verdicts of a language
 * model, totals and pauses are as recorded. Nothing is written to the store.
 *
 * A case that is kept was played by itself, and its decision came out.
 *
 * @throws `BAD_INPUT` for a path that is no trait, and for a time before the customer was known; `CONFLICT` with a `reason` where her
 * signals do not lead to the decision: `merged`, `forgotten`, `version_gone`, `parted`; where a case that is to be kept decides otherwise alone, `not_alone`
 */
export async function considerAgain(
  decision: Decision,
  { set = {}, at, under, whole, keep }: Changed,
  deps: ConsiderDeps,
): Promise<WhatIf> {
  const supposed = readSupposed(set);
  const own = await deps.policyOf(decision.policyVersion, Date.parse(decision.decidedAt));
  if (!own)
    throw refused(
      "version_gone",
      decision,
      `its policy ${decision.policyVersion.slice(0, 12)} is not kept, or not with the code of this process`,
    );
  const history = await ownHistory(decision, own, deps.source);
  if (at !== undefined && at < history.first)
    throw new SentientError(
      "BAD_INPUT",
      `at: ${iso(at)} is before ${decision.customerId} was known; expected ${iso(history.first)} or later`,
    );
  const canaries = (await deps.source.canaries.list()).map(asRecorded);
  const rebuilding = { decision, history, own, under: under ?? own, supposed, at, whole, canaries, ...deps };
  const { due, after } = await upToTheWake(rebuilding);
  const [is] = ofPlace(decision, after ?? (await upToAnEarlierTime(due, rebuilding)));
  const golden = keep && (await goldenOf(is, keep === "personal", rebuilding));
  return { before: decision, after: is ?? null, same: isSame(decision, is), ...(golden ? { golden } : {}) };
}

// --- internal ---

interface Rebuilding extends ConsiderDeps {
  readonly decision: Decision;
  readonly history: OwnHistory;
  readonly own: Policy;
  readonly under: Policy;
  readonly supposed: Supposed;
  readonly at: Instant | undefined;
  readonly whole: string | undefined;
  /** What became of canaries, each from its own time on. */
  readonly canaries: readonly KeptCanary[];
}

/** A stop by guards too: what they saw is other customers' outcomes, which are not played. */
const asRecorded = (one: KeptCanary): KeptCanary => (one.stopped ? { ...one, stopped: { ...one.stopped, by: "the record" } } : one);

/** The wake, and what is decided at it with the change; undefined for a time before it, at which less was known. */
async function upToTheWake(given: Rebuilding): Promise<{ readonly due: DueWake; readonly after?: readonly Decision[] }> {
  const { decision, history, own, at } = given;
  return inEmptyPlace(given, async (place, decider) => {
    const recorded = new Map(history.decisions.map((one) => [wakeKey(one), one]));
    const { stoppedBefore: due } = await runStream(
      ownStream(history, (lines, when) => importInto(lines, when, place, own)),
      {
        ...{ store: place.store, decider: decider(own), batch: 1 },
        ...{ until: Date.parse(decision.decidedAt), byPeople: given.canaries },
        onDecision: (one) => {
          if (!isSame(recorded.get(wakeKey(one)), one)) throw parted(decision, one.decidedAt, history);
        },
        stopBefore: ({ wake }) => keyInAnyPlace({ customerId: customerOf(wake), wake: wakeRecord(wake) }) === keyInAnyPlace(decision),
      },
    );
    if (!due || !isSame(decision, ofPlace(decision, await decider(own).consider(due))[0]))
      throw parted(decision, decision.decidedAt, history);
    return at !== undefined && at < due.now ? { due } : { due, after: await decide(due, decider, given) };
  });
}

/** What is decided at the wake from what was known at an earlier time. */
const upToAnEarlierTime = (due: DueWake, given: Rebuilding): Promise<readonly Decision[]> =>
  inEmptyPlace(given, async (place, decider) => {
    const { decision, history, own, at = due.now } = given;
    const known = ownStream(history, (lines, when) => importInto(lines, when, place, own), { until: at, without: decision.wake });
    await runStream(known, {
      ...{ store: place.store, decider: decider(own), batch: 1, until: at, byPeople: given.canaries },
      onDecision: () => {},
    });
    return decide(due, decider, given);
  });

function decide(due: DueWake, decider: DeciderFor, { supposed, under, own, at = due.now }: Rebuilding): Promise<readonly Decision[]> {
  const reads = pathsReadBy(under);
  const isChanged = under !== own || at !== due.now || Object.keys(supposed).length > 0;
  let isChecked = false;
  return decider(under, isChanged).consider(movedTo(at, due), (customer: Customer) => {
    if (!isChecked) checkSupposed(supposed, [...reads, ...goldenRecord(customer.claims, under.record, at).fields.keys()]);
    isChecked = true;
    return supposing(customer, supposed, at);
  });
}

/** The case of a decision, once it has been played alone: with nothing learned, and nobody else in the store. */
async function goldenOf(after: Decision | undefined, isPersonal: boolean, given: Rebuilding): Promise<GoldenCase> {
  const { decision, history, under, supposed, at, source } = given;
  const golden = await goldenCaseOf({ decision, decisions: history.decisions, after, supposed, at, under, source, isPersonal });
  const place = await given.open(under);
  try {
    const made: Decision[] = [];
    const lines = linesOfCase(golden, history.decisions);
    await runStream(
      (async function* () {
        yield* lines;
      })(),
      {
        ...{ store: place.store, decider: createDecider(fixedCatalogue({ ...place.deps, policy: under }), {}) },
        ...{ until: Date.parse(golden.until), everyone: golden.canary ?? true, onDecision: (one) => void made.push(one) },
        beforeFirst: (first) => importInto(golden.customers.map(importLine), first, place, under),
      },
    );
    if (holdsIn(made, { decision, after, at })) return golden;
  } finally {
    await place.close();
  }
  const why = isPersonal ? "" : ", or a text that a rule or a classifier reads is masked (--personal leaves texts as they are)";
  throw new SentientError(
    "CONFLICT",
    `${decision.decisionId} cannot be kept as a golden decision: played alone, its case is decided otherwise. It rests on what was learned, pauses, limits in total or other customers${why}`,
    { reason: "not_alone" },
  );
}

/** @param isChanged whether candidates that the record only counts may win now */
type DeciderFor = (policy: Policy, isChanged?: boolean) => Decider;

async function inEmptyPlace<T>(
  { open, own, history, source, whole, canaries: recorded }: Rebuilding,
  work: (place: EmptyPlace, decider: DeciderFor) => Promise<T>,
): Promise<T> {
  const place = await open(own);
  try {
    const knownThen = await createKnownThen(history.decisions, source, whole);
    const options = (isChanged: boolean): DeciderOptions => ({
      knownThen: isChanged ? freeToWin(knownThen) : knownThen,
      learnedIn: source,
    });
    const states = new Map(recorded.map((one) => [one.life, one]));
    const canaries: Canaries = { stateOf: (life) => states.get(life) };
    return await work(place, (policy, isChanged = false) =>
      createDecider(fixedCatalogue({ ...place.deps, policy, canaries }), options(isChanged)),
    );
  } finally {
    await place.close();
  }
}

const freeToWin =
  (knownThen: NonNullable<DeciderOptions["knownThen"]>): NonNullable<DeciderOptions["knownThen"]> =>
  (due) => {
    const known = knownThen(due);
    return known && { ...known, lostTo: () => undefined };
  };

const importInto = async (
  lines: Parameters<typeof importCustomers>[0],
  at: Instant,
  { store }: EmptyPlace,
  policy: Policy,
): Promise<void> => void (await importCustomers(lines, at, store, policy));

/** The wake at another time: its signal comes then. */
function movedTo(at: Instant, due: DueWake): DueWake {
  const { wake } = due;
  if (at === due.now || wake.kind !== "signal") return { ...due, now: at };
  return { ...due, now: at, wake: { ...wake, signal: { ...wake.signal, time: at } } };
}

const ofPlace = (decision: Decision, rebuilt: readonly Decision[]): Decision[] =>
  rebuilt.filter((one) => wakeKey(one) === wakeKey(decision));

const isSame = (before: Decision | undefined, after: Decision | undefined): boolean =>
  compareDecisions(before ? [before] : [], after ? [after] : []).differences.length === 0;

const parted = (decision: Decision, at: string, { deeds }: OwnHistory): SentientError =>
  refused(
    "parted",
    decision,
    `her signals alone lead to something else at ${at}${deeds.length > 0 ? `; ${deeds.join(", ")} are not among them` : ": what failed to arrive, other customers or other tools had a part in it"}`,
  );
