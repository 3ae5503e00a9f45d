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
  const limit = MAX_RECORD - (decision.action === "deliver" ? FOR_A_MESSAGE : 0);
  const mayFit = decision.candidates.length * LEAST_OF_A_CANDIDATE <= limit;
  if (mostBytes(decision) <= limit || (mayFit && sizeOf(decision) <= limit)) return decision;
  const { candidates, ...rest } = decision;
  const bare = { ...rest, reasons: decision.reasons.map(shortened) };
  const ranked = candidates.map((candidate, place) => nearness(candidate, place, whole)).sort(nearerFirst);
  let left = limit - sizeOf({ ...bare, candidates: [], others: countOf(candidates) });
  const places = new Set<number>();
  for (const { candidate, place } of ranked) {
    left -= sizeOf(candidate) + 1;
    if (left < 0 && candidate.verdict !== "chosen" && candidate.experienceId !== whole) break;
    places.add(place);
  }
  const others = countOf(candidates.filter((_, place) => !places.has(place)));
  return { ...bare, candidates: candidates.filter((_, place) => places.has(place)), ...(others.length > 0 ? { others } : {}) };
}

// --- internal ---

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

const stageOf = ({ reasons: [first] }: Candidate): number => (first?.stage === undefined ? STAGES.length : STAGES.indexOf(first.stage));

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
  return { candidate, place, rank, stage: rank === 2 ? stageOf(candidate) : 0, priority: (score ?? wouldScore)?.priority ?? 0 };
}

/** The chosen one, then those with a score, then by how far they came, and then by the score they would have had. */
const nearerFirst = (a: Nearness, b: Nearness): number =>
  a.rank - b.rank || b.stage - a.stage || b.priority - a.priority || a.place - b.place;

/** Candidates by the stage and code that stopped them, in the order of the funnel. */
function countOf(candidates: readonly Candidate[]): OtherCandidates[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = `${stageOf(candidate)} ${candidate.reasons[0]?.code ?? "eligible"}`;
    const known = groups.get(key);
    if (known) known.push(candidate);
    else groups.set(key, [candidate]);
  }
  return [...groups.values()]
    .sort((a, b) => (a[0] && b[0] ? stageOf(a[0]) - stageOf(b[0]) : 0))
    .map((group) => {
      const [first] = group[0]?.reasons ?? [];
      return {
        stage: first?.stage ?? "arbitration",
        code: first?.code ?? "eligible",
        count: group.length,
        experiences: firstIdsOf(group),
      };
    });
}

/** The first ids in order, found in one pass: a group may have thousands. */
function firstIdsOf(group: readonly Candidate[]): string[] {
  const first: string[] = [];
  for (const { experienceId } of group) {
    const last = first.at(-1);
    if (first.length === MAX_NAMED && last !== undefined && experienceId > last) continue;
    const place = first.findIndex((one) => experienceId < one);
    first.splice(place < 0 ? first.length : place, 0, experienceId);
    if (first.length > MAX_NAMED) first.pop();
  }
  return first;
}

/** The reason of a silence lists every experience that its code stopped. */
function shortened(reason: Reason): Reason {
  const parts = reason.detail?.split("; ") ?? [];
  if (parts.length <= MAX_NAMED) return reason;
  return { ...reason, detail: `${parts.slice(0, MAX_NAMED).join("; ")}; and ${parts.length - MAX_NAMED} more` };
}
