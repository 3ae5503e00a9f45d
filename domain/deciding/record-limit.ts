import { type Candidate, type DecisionDraft, type OtherCandidates, type Reason, STAGES } from "../entities/decision.ts";

/** Maximum size of a decision's record in bytes; the text of a message, which is added when it is sent, has its own place in it. */
export const MAX_RECORD = 32 * 1024;
const FOR_A_MESSAGE = 8 * 1024;

/** The most experiences that a group of others names. */
const MAX_NAMED = 20;

/**
 * A decision within the limit of its record. Where its candidates would pass that, the chosen one, those that reached arbitration and the
 * nearest to win stay whole, as many as there is room for; the rest are counted by the stage and the code that stopped them.
 *
 * @param whole an experience whose candidate stays whole in any case
 */
export function withinLimit(decision: DecisionDraft, whole?: string): DecisionDraft {
  const { candidates } = decision;
  const limit = limitOf(decision);
  if (mostBytes(decision) <= limit || (mayFit(decision, candidates.length) && sizeOf(decision) <= limit)) return decision;
  return cutShort(decision, {
    all: candidates,
    idOf: ({ experienceId }) => experienceId,
    firstOf: ({ reasons: [first] }) => first,
    staysIn: ({ verdict, experienceId }) => verdict === "chosen" || experienceId === whole,
    nearestFirst: () =>
      candidates
        .map((candidate, place) => nearness(candidate, place, whole))
        .sort(nearerFirst)
        .map(({ candidate }) => candidate),
    write: (candidate) => candidate,
  });
}

/** Whether so many candidates may have room in the record of a decision, if each is as short as can be. */
export const mayFit = (decision: Pick<DecisionDraft, "action">, candidates: number): boolean =>
  candidates * LEAST_OF_A_CANDIDATE <= limitOf(decision);

/** Candidates that are written down one by one: of thousands, few have room in a record. */
export interface Unwritten<Entry> {
  /** In the order of the record. */
  readonly all: readonly Entry[];
  idOf(entry: Entry): string;
  /** The first of its reasons, by which it is counted. */
  firstOf(entry: Entry): First | undefined;
  /** Whether it stays whole, even where there is no room. */
  staysIn(entry: Entry): boolean;
  /** The chosen one, then those with a score, then by how far they came, and then by the score they would have had. */
  nearestFirst(): Iterable<Entry>;
  write(entry: Entry): Candidate;
}

/** A decision with as many of its candidates as there is room for, and the number of the others. */
export function cutShort<Entry>(decision: DecisionDraft, unwritten: Unwritten<Entry>): DecisionDraft {
  const { all, staysIn, nearestFirst, write } = unwritten;
  const { candidates: _all, ...rest } = decision;
  const bare = { ...rest, reasons: decision.reasons.map(shortened) };
  let left = limitOf(decision) - sizeOf({ ...bare, candidates: [], others: countOf(all, unwritten) });
  const kept = new Map<Entry, Candidate>();
  for (const entry of nearestFirst()) {
    const candidate = write(entry);
    left -= sizeOf(candidate) + 1;
    if (left < 0 && !staysIn(entry)) break;
    kept.set(entry, candidate);
  }
  const candidates: Candidate[] = [];
  const counted: Entry[] = [];
  for (const entry of all) {
    const candidate = kept.get(entry);
    if (candidate) candidates.push(candidate);
    else counted.push(entry);
  }
  const others = countOf(counted, unwritten);
  return { ...bare, candidates, ...(others.length > 0 ? { others } : {}) };
}

/** How far a candidate came, by the first of its reasons. */
export const stageOf = (first: First | undefined): number => (first?.stage === undefined ? STAGES.length : STAGES.indexOf(first.stage));

// --- internal ---

type First = Pick<Reason, "stage" | "code">;

const limitOf = ({ action }: Pick<DecisionDraft, "action">): number => MAX_RECORD - (action === "deliver" ? FOR_A_MESSAGE : 0);

/** Bytes of a candidate without a name and a reason. */
const LEAST_OF_A_CANDIDATE = JSON.stringify({ experienceId: "", moment: "", verdict: "chosen", reasons: [] }).length;

/** An upper bound that costs no serialization: most decisions are far below the limit. */
function mostBytes({ candidates, reasons, moments }: DecisionDraft): number {
  let most = 1_500 + moments.length * 300;
  for (const reason of reasons) most += mostOf(reason);
  for (const { reasons: own, channels = [], otherChannels = [] } of candidates) {
    most += 500 + channels.length * 100;
    for (const reason of own) most += mostOf(reason);
    for (const reason of otherChannels) most += mostOf(reason);
  }
  return most;
}

const mostOf = ({ detail = "", headline = "", needs = [] }: Reason): number =>
  200 +
  3 * (detail.length + headline.length) +
  needs.reduce((sum, { wanted, today = "" }) => sum + 30 + 3 * (wanted.length + today.length), 0);

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A candidate with what its rank follows from. */
interface Nearness {
  readonly candidate: Candidate;
  readonly place: number;
  readonly rank: number;
  /** How far it came, where it has no score. */
  readonly stage: number;
  readonly priority: number;
}

function nearness(candidate: Candidate, place: number, whole: string | undefined): Nearness {
  const { experienceId, verdict, score, wouldScore } = candidate;
  const rank = experienceId === whole || verdict === "chosen" ? 0 : score === undefined ? 2 : 1;
  return { candidate, place, rank, stage: rank === 2 ? stageOf(candidate.reasons[0]) : 0, priority: (score ?? wouldScore)?.priority ?? 0 };
}

/** The chosen one, then those with a score, then by how far they came, and then by the score they would have had. */
const nearerFirst = (a: Nearness, b: Nearness): number =>
  a.rank - b.rank || b.stage - a.stage || b.priority - a.priority || a.place - b.place;

/** Candidates by the stage and code that stopped them, in the order of the funnel. */
function countOf<Entry>(entries: readonly Entry[], { idOf, firstOf }: Unwritten<Entry>): OtherCandidates[] {
  const byStage: OtherCandidates[][] = Array.from({ length: STAGES.length + 1 }, () => []);
  // Most share the reason itself, and mostly with the one before.
  const byFirst = new Map<First | undefined, OtherCandidates>();
  let last: { readonly first: First | undefined; readonly group: OtherCandidates } | undefined;
  for (const entry of entries) {
    const first = firstOf(entry);
    if (last === undefined || last.first !== first) {
      const group = byFirst.get(first) ?? groupOf(first, byStage);
      byFirst.set(first, group);
      last = { first, group };
    }
    last.group.count++;
    addAmongFirst(last.group.experiences, idOf(entry));
  }
  return byStage.flat();
}

function groupOf(first: First | undefined, byStage: readonly OtherCandidates[][]): OtherCandidates {
  const code = first?.code ?? "eligible";
  const groups = byStage[stageOf(first)] ?? [];
  const known = groups.find((one) => one.code === code);
  if (known) return known;
  const group = { stage: first?.stage ?? "arbitration", code, count: 0, experiences: [] };
  groups.push(group);
  return group;
}

/** Keeps the first ids in order: a group may have thousands. */
function addAmongFirst(first: string[], experienceId: string): void {
  const last = first.at(-1);
  if (first.length === MAX_NAMED && last !== undefined && experienceId > last) return;
  const place = first.findIndex((one) => experienceId < one);
  first.splice(place < 0 ? first.length : place, 0, experienceId);
  if (first.length > MAX_NAMED) first.pop();
}

/** The reason of a silence lists every experience that its code stopped. */
function shortened(reason: Reason): Reason {
  const parts = reason.detail?.split("; ") ?? [];
  if (parts.length <= MAX_NAMED) return reason;
  return { ...reason, detail: `${parts.slice(0, MAX_NAMED).join("; ")}; and ${parts.length - MAX_NAMED} more` };
}
