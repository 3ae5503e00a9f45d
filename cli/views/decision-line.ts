import type { Decision, DecisionAction } from "../../domain/entities/decision.ts";
import type { Paint } from "../io.ts";

const COLORS: Readonly<Record<DecisionAction, "green" | "yellow" | "magenta" | "blue" | "dim">> = {
  deliver: "green",
  defer: "yellow",
  await_approval: "magenta",
  withhold: "blue",
  silence: "dim",
};

/** One decision on one line: time, customer, result and reason. */
export function decisionLine(decision: Decision, paint: Paint): string {
  const { decidedAt, customerId, action, experienceId, channel } = decision;
  const what = experienceId === undefined ? "" : `${experienceId} → ${channel}`;
  const painted = paint[COLORS[action]](action.padEnd(14));
  return `${paint.dim(minuteOf(decidedAt))}  ${customerId.padEnd(12)}  ${painted}  ${what.padEnd(what === "" ? 0 : 38)}${what === "" ? "" : "  "}${paint.dim(whyOf(decision))}`.trimEnd();
}

/** `2026-06-01 15:00`, in UTC like all times in output. */
export const minuteOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)}`;

// --- internal ---

function whyOf({ action, moments, reasons, until, candidates, others = [], deliveries }: Decision): string {
  const codes = [...new Set(reasons.map(({ code }) => code))].join(", ");
  if (action === "deliver") {
    const failed = deliveries.find(({ status }) => status !== "sent" && status !== "delivered");
    const looked = others.reduce((sum, { count }) => sum + count, candidates.length);
    const rivals = looked === 1 ? "" : `, best of ${looked}`;
    return `${moments.map(({ name }) => name).join(", ")}${rivals}${failed ? ` [${failed.status}: ${failed.reason ?? ""}]` : ""}`;
  }
  return until === undefined ? codes : `until ${minuteOf(until)}: ${codes}`;
}
