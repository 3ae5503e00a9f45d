import type { Decision, WakeRecord } from "../entities/decision.ts";

/** Essence of a decision: decisions with equal outlines are the same for the customer. */
export interface Outline {
  readonly decisionId: string;
  readonly action: Decision["action"];
  readonly experienceId?: string;
  readonly channel?: string;
  readonly variant?: string;
  readonly until?: string;
  readonly codes: readonly string[];
}

/** A wake with different outcomes. Missing: no decision was made at it. */
export interface Difference {
  readonly customerId: string;
  readonly at: string;
  readonly wake: WakeRecord;
  readonly before?: Outline;
  readonly after?: Outline;
}

export interface Totals {
  readonly decisions: number;
  readonly byAction: Readonly<Record<string, number>>;
  /** Number of deliveries by experience. */
  readonly delivered: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly same: number;
  readonly differences: readonly Difference[];
  readonly totals: { readonly before: Totals; readonly after: Totals };
}

/** Key of a decision's wake, independent of the policy. */
export const wakeKey = ({ customerId, wake }: Pick<Decision, "customerId" | "wake">): string =>
  JSON.stringify([customerId, ...partsOf(wake)]);

function partsOf(wake: WakeRecord): readonly string[] {
  if (wake.kind === "ask") return [wake.source, wake.askId, wake.place];
  return wake.kind === "signal" ? [wake.source, wake.signalId] : [wake.name, wake.due];
}

/** What both lists have decided at one wake; a list that decided nothing at it has none. */
export interface DecidedTwice<One> {
  /** Of the wake, as `wakeKey` gives it. */
  readonly key: string;
  readonly was: One | undefined;
  readonly is: One | undefined;
}

/** Two lists of decisions over the same stream, wake by wake, in the order of the first list; what only the second has comes last. */
export function pairsByWake<One extends Pick<Decision, "customerId" | "wake">>(
  before: readonly One[],
  after: readonly One[],
): DecidedTwice<One>[] {
  const [left, right] = [byWake(before), byWake(after)];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys.map((key) => ({ key, was: left.get(key), is: right.get(key) }));
}

/** Whether a customer notices which of both was decided; always where only one of them was. */
export const isDifferent = (was: Chosen | undefined, is: Chosen | undefined): boolean => !was || !is || identity(was) !== identity(is);

/** Compares two lists of decisions over the same stream, wake by wake, in order. */
export function compareDecisions(before: readonly Decision[], after: readonly Decision[]): Comparison {
  const pairs = pairsByWake(before, after);
  const different = pairs.flatMap(({ was, is }) => difference(was, is) ?? []).map((one) => ({ one, at: Date.parse(one.at) }));
  const differences = different.sort((a, b) => a.at - b.at).map(({ one }) => one);
  return { same: pairs.length - differences.length, differences, totals: { before: totalsOf(before), after: totalsOf(after) } };
}

// --- internal ---

type Chosen = Pick<Decision, "action" | "experienceId" | "channel" | "variant" | "until">;

const byWake = <One extends Pick<Decision, "customerId" | "wake">>(decisions: readonly One[]): Map<string, One> =>
  new Map(decisions.map((one) => [wakeKey(one), one]));

function difference(was: Decision | undefined, is: Decision | undefined): Difference | undefined {
  const known = is ?? was;
  if (!known || !isDifferent(was, is)) return undefined;
  const { customerId, decidedAt: at, wake } = known;
  return { customerId, at, wake, ...(was ? { before: outline(was) } : {}), ...(is ? { after: outline(is) } : {}) };
}

const identity = ({ action, experienceId, channel, variant, until }: Chosen): string =>
  JSON.stringify([action, experienceId, channel, variant, until]);

const outline = ({ decisionId, action, experienceId, channel, variant, until, reasons }: Decision): Outline => ({
  ...{ decisionId, action, codes: [...new Set(reasons.map(({ code }) => code))] },
  ...(experienceId === undefined ? {} : { experienceId }),
  ...(channel === undefined ? {} : { channel }),
  ...(variant === undefined ? {} : { variant }),
  ...(until === undefined ? {} : { until }),
});

function totalsOf(decisions: readonly Decision[]): Totals {
  const delivered = decisions.filter(({ action }) => action === "deliver");
  return {
    decisions: decisions.length,
    byAction: countBy(decisions.map(({ action }) => action)),
    delivered: countBy(delivered.map(({ experienceId = "" }) => experienceId)),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
