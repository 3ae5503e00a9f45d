import { type Decision, type Reason, type ReasonCode, STAGES } from "../../domain/entities/decision.ts";

/** Stands for the rule where no moment was open: nothing was ever decided. */
export const NO_MOMENT = "no moment opened";

/**
 * The rules that kept a customer from getting something, as one decision has them: of a silence, what stopped the candidates that came
 * furthest; otherwise what the winner waits for. Each is a code, with the name of the rule where there are several of its kind. None
 * where something was delivered.
 */
export function rulesOf({ action, candidates, reasons }: Pick<Decision, "action" | "candidates" | "reasons">): string[] {
  if (action === "deliver") return [];
  if (action !== "silence" || candidates.length === 0) return named(reasons.filter(({ code }) => code !== "moment_expired"));
  const furthest = Math.max(...candidates.map(({ reasons: own }) => stageOf(own)));
  return named(candidates.filter(({ reasons: own }) => stageOf(own) === furthest).flatMap(({ reasons: own }) => own));
}

// --- internal ---

const stageOf = (reasons: readonly Reason[]): number => Math.max(-1, ...reasons.map(({ stage }) => (stage ? STAGES.indexOf(stage) : -1)));

const named = (reasons: readonly Reason[]): string[] => [...new Set(reasons.map(ruleName))];

/** How the details of these codes begin with the name of the rule, and where that ends. */
const NAME_ENDS: Partial<Readonly<Record<ReasonCode, RegExp>>> = {
  cap_reached: /:/,
  promise_open: /, owed by /,
  suppressed: / \(in doubt: |, for \d/,
};

/** Longer reasons are told by their beginning. */
const MOST_CHARACTERS = 80;

function ruleName({ code, detail }: Reason): string {
  const ends = NAME_ENDS[code];
  if (!ends || detail === undefined) return code;
  const [name = ""] = detail.split(ends);
  return `${code}: ${[...name].slice(0, MOST_CHARACTERS).join("")}`;
}
