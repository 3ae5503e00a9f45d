import type { Decision } from "../../domain/entities/decision.ts";
import { iso } from "../../domain/values/time.ts";
import type { StreamResult } from "../../engine/run-stream.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table } from "./table.ts";

/** Totals of a run, counted as decisions come in. */
export interface Tally {
  readonly byAction: Record<string, number>;
  readonly byExperience: Record<string, Record<string, number>>;
  readonly byChannel: Record<string, number>;
}

export function tally({ action, experienceId, deliveries }: Decision, { byAction, byExperience, byChannel }: Tally): void {
  byAction[action] = (byAction[action] ?? 0) + 1;
  if (experienceId !== undefined) {
    const actions = byExperience[experienceId] ?? {};
    byExperience[experienceId] = { ...actions, [action]: (actions[action] ?? 0) + 1 };
  }
  for (const { channel, status } of deliveries)
    if (status !== "cancelled" && status !== "failed") byChannel[channel] = (byChannel[channel] ?? 0) + 1;
}

/** Identities kept as addresses because they belong to another customer. */
export const sharedInWords = (count: number): string =>
  `${count} ${count === 1 ? "identity belongs to" : "identities belong to"} another customer than the one ${count === 1 ? "it was" : "they were"} sent for`;

export const keptInWords = (channels: readonly string[]): string =>
  `denials and revocations are kept for unknown channels: ${channels.join(", ")}`;

const ACTIONS = ["deliver", "defer", "await_approval", "withhold", "silence"] as const;

/** Other findings of a run. */
function asidesOf({ duplicates, createdCustomers, sharedIdentities, traitsLeftOut, afterUntil }: StreamResult): string[] {
  return [
    duplicates > 0 ? `${duplicates} duplicates` : "",
    createdCustomers > 0 ? `${createdCustomers} unknown customer${createdCustomers === 1 ? "" : "s"} created` : "",
    traitsLeftOut > 0 ? `${traitsLeftOut} trait${traitsLeftOut === 1 ? "" : "s"} left out of full records` : "",
    sharedIdentities > 0 ? sharedInWords(sharedIdentities) : "",
    afterUntil > 0 ? `${afterUntil} signals after --until left out` : "",
  ].filter((aside) => aside !== "");
}

/** The table at the end of a run. */
export function summaryOf({ policy }: Workspace, result: StreamResult, tallied: Tally, tookMs: number, paint: Paint): string[] {
  const { signals, timers, decisions, clock, stopped } = result;
  const wakes = signals + timers;
  const asides = asidesOf(result);
  const used = Object.entries(tallied.byExperience).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = ACTIONS.filter((action) => used.some(([, actions]) => actions[action] !== undefined));
  const channels = Object.entries(tallied.byChannel).map(([channel, count]) => `${count} by ${channel}`);
  return [
    "",
    `${paint.bold(policy.name)}${Number.isFinite(clock) ? ` until ${minuteOf(iso(clock))}` : ""}${stopped ? paint.yellow(" (stopped)") : ""}: ${signals} signals and ${timers} timers, ${decisions} decisions${asides.length > 0 ? ` (${asides.join(", ")})` : ""}`,
    ...table(
      [
        // Nothing but silence has no columns to name.
        ...(shown.length > 0 ? [["", ...shown.map((action) => paint.dim(action))]] : []),
        ...used.map(([experience, actions]) => [experience, ...shown.map((action) => String(actions[action] ?? paint.dim("·")))]),
        [paint.dim("(silence)"), ...(tallied.byAction.silence === undefined ? ["0"] : [String(tallied.byAction.silence)])],
      ],
      { indent: 2 },
    ),
    `  ${channels.length > 0 ? channels.join(", ") : "nothing was sent"}; ${(tookMs / 1000).toFixed(1)} s, ${Math.round(wakes / (tookMs / 1000))} wakes a second`,
  ];
}
