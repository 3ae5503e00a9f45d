import type { Drawn, KnownThen, Way } from "../../agents/known-then.ts";
import { wakeKey } from "../../domain/deciding/compare-decisions.ts";
import type { Opinion } from "../../domain/deciding/funnel.ts";
import { nameOf, type Pause, type PauseTarget } from "../../domain/deciding/pause.ts";
import type { Candidate, Decision } from "../../domain/entities/decision.ts";
import { STAGES } from "../../domain/entities/decision.ts";
import { customerOf, wakeRecord } from "../../domain/entities/wake.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { KeptAudit } from "../../store/operations.ts";
import type { Store } from "../../store/store.ts";
import type { DueWake } from "../due-wake.ts";

/** Key of a wake that is the same for all places of an ask, which are decided together. */
export const keyInAnyPlace = ({ customerId, wake }: Pick<Decision, "customerId" | "wake">): string =>
  wakeKey({ customerId, wake: wake.kind === "ask" ? { ...wake, place: "" } : wake });

/** Audit entries about pauses that one question reads. */
const MOST_ENTRIES = 10_000;

/**
 * What each wake of a customer knew beside her own signals, by her decisions and by the pauses of that time. A wake that left a decision
 * standing knew what that one did.
 *
 * @param decisions hers, in order
 * @param whole the experience that is asked about
 */
export async function createKnownThen(
  decisions: readonly Decision[],
  source: Store,
  whole?: string,
): Promise<(due: DueWake) => KnownThen | undefined> {
  const pausesAt = await pausesOf(source);
  const ids = [...new Set(decisions.flatMap(({ candidates }) => candidates.map(({ experienceId }) => experienceId)))];
  const totals = await source.evidence.used(ids);
  return ({ wake, now }) => {
    const key = keyInAnyPlace({ customerId: customerOf(wake), wake: wakeRecord(wake) });
    const own = decisions.filter((one) => keyInAnyPlace(one) === key);
    const last = decisions.findLast(({ decidedAt }) => Date.parse(decidedAt) <= now);
    const told = own.length > 0 ? own : last ? [last] : [];
    const candidates = told.flatMap((one) => one.candidates);
    return {
      whole,
      drawnFor: (way) => drawnIn(told, way),
      lostTo: (experienceId, place) => lostIn(told, experienceId, place),
      opinionOn: (experienceId) => opinionIn(candidates, experienceId),
      // Also at another time than then.
      pauses: pausesAt(own[0] ? Date.parse(own[0].decidedAt) : now),
      totals: new Map([...totals, ...candidates.flatMap(usedBy)]),
      isTakenOver: candidates.some(({ reasons }) => reasons.some(({ code }) => code === "human_takeover")),
    };
  };
}

// --- internal ---

const ofPlace = (told: readonly Decision[], place: string | undefined): readonly Decision[] =>
  place === undefined ? told : told.filter(({ wake }) => wake.kind === "ask" && wake.place === place);

/** What a candidate did not beat that has no room in the record. */
function lostIn(told: readonly Decision[], experienceId: string, place: string | undefined): number | undefined {
  for (const { candidates, others = [] } of ofPlace(told, place)) {
    if (others.length === 0 || candidates.some((one) => one.experienceId === experienceId)) continue;
    const winner = candidates.find(({ verdict }) => verdict === "chosen");
    if (winner?.score) return winner.score.priority;
  }
  return undefined;
}

function drawnIn(told: readonly Decision[], { experienceId, channel, variant, place }: Way): Drawn | undefined {
  for (const { candidates } of ofPlace(told, place)) {
    const candidate = candidates.find((one) => one.experienceId === experienceId);
    const isBelow = candidate?.reasons.some(({ code }) => code === "below_min_propensity") ?? false;
    const drawn =
      candidate?.channels?.find((one) => one.channel === channel && one.variant === variant)?.P ??
      (candidate?.channel === channel && candidate.variant === variant ? candidate.score?.P : undefined);
    if (drawn !== undefined) return { P: drawn, isBelow };
  }
  return undefined;
}

/** The verdict on a criterion in plain words: that it was declined, or, for one that came further, that it held. */
function opinionIn(candidates: readonly Candidate[], experienceId: string): Opinion | undefined {
  const candidate = candidates.find((one) => one.experienceId === experienceId);
  const declined = candidate?.reasons.find(({ code }) => code === "judge_declined");
  if (declined) return { pass: false, code: "judge_declined", reason: declined.detail ?? "", decidedBy: "model" };
  const stage = candidate?.reasons[0]?.stage;
  const isFurther = stage !== undefined && STAGES.indexOf(stage) > STAGES.indexOf("judge");
  return isFurther || candidate?.verdict === "chosen"
    ? { pass: true, code: "eligible", reason: "as it was judged", decidedBy: "model" }
    : undefined;
}

/** Whether the slots of an experience with a limit in total were used up. */
function usedBy({ experienceId, reasons, score }: Candidate): (readonly [string, number])[] {
  const isFull = reasons.some(({ code, detail = "" }) => code === "limit_reached" && detail.endsWith("in total, all used"));
  if (isFull) return [[experienceId, Number.MAX_SAFE_INTEGER]];
  return score === undefined ? [] : [[experienceId, 0]];
}

/** The pauses at an instant: those that still hold, and those that the audit tells. */
async function pausesOf({ operations }: Store): Promise<(at: Instant) => Pause[]> {
  const [standing, audit] = await Promise.all([operations.pauses(), operations.audit({ limit: MOST_ENTRIES })]);
  const changes = audit.filter(({ action }) => action === "paused" || action === "resumed");
  return (at) => {
    const told = changes.filter((one) => one.at <= at);
    const isLast = ({ target }: KeptAudit, index: number): boolean => told.findLastIndex((one) => one.target === target) === index;
    const set = told.filter((one, index) => one.action === "paused" && isLast(one, index)).flatMap(pauseIn);
    // Of a pause that stands the audit may be forgotten.
    const stood = standing.filter(({ since }) => since <= at);
    return [...stood, ...set.filter((one) => !stood.some((other) => nameOf(other) === nameOf(one)))];
  };
}

const pauseIn = ({ target, by, at: since }: KeptAudit): Pause[] => {
  const pause = targetOf(target);
  return pause ? [{ ...pause, by, since }] : [];
};

/** The inverse of `nameOf`. */
function targetOf(name: string): PauseTarget | undefined {
  if (name === "everything") return { scope: "all" };
  const [scope = "", ...words] = name.split(" ");
  return scope === "channel" || scope === "department" || scope === "agent" ? { scope, name: words.join(" ") } : undefined;
}
