import type { DecisionDraft } from "../domain/entities/decision.ts";
import type { Signal } from "../domain/entities/signal.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { iso } from "../domain/values/time.ts";
import { aCustomer, at, type GivenCustomer } from "./builders.ts";
import { type GivenFiles, policyOf } from "./policy.ts";
import { type JudgeOptions, Story } from "./story.ts";

/** A short story: the signals of one customer under a policy, and the expected decisions. */
export interface Scenario {
  readonly name: string;
  readonly settings?: string;
  readonly experiences?: readonly string[];
  readonly files?: GivenFiles;
  readonly customer?: GivenCustomer;
  /** Times without a year are in 2026, UTC. */
  readonly signals: readonly ScenarioSignal[];
  readonly until?: string;
  readonly options?: JudgeOptions;
  /** One line per decision, in the format of `inShort`. */
  readonly wanted: readonly string[];
}

export type ScenarioSignal = readonly [time: string, type: string, data?: JsonObject, given?: Partial<Signal>];

/** Plays a story through the pure core, without exploration unless the settings enable it. */
export function play({ settings = "", experiences, files, customer, signals, until, options }: Omit<Scenario, "name" | "wanted">): Story {
  const learning = /^\s*learning:/m.test(settings) ? "" : "\nlearning: {explore: none}";
  const policy = policyOf(appendLine(settings, learning), experiences ?? [""], files ?? {});
  const story = new Story(policy, aCustomer(customer ?? {}), options);
  for (const [time, type, data, given] of signals) story.signal(inFull(time), type, data, given);
  return until === undefined ? story : story.until(inFull(until));
}

/** The decisions of a story, one line each. */
export const tell = (given: Omit<Scenario, "name" | "wanted">): string[] => play(given).decisions.map(inShort);

/** What became of the deliveries of a story, in their order: `sent`, or `cancelled: hold_over` with the reason. */
export function fates({ deliveries, customer, changes }: Story): string[] {
  return deliveries.map((id) => {
    const status = customer.deliveries.find(({ deliveryId }) => deliveryId === id)?.status ?? "unknown";
    const moved = changes.findLast((change) => change.type === "delivery_moved" && change.deliveryId === id);
    const reason = moved?.type === "delivery_moved" ? moved.reason : undefined;
    return status === "cancelled" ? `${status}: ${reason}` : status;
  });
}

/** `06-01 15:00 defer e@box until 06-02 13:00: quiet_hours`; a plain delivery has no codes. */
export function inShort({ decidedAt, action, experienceId, channel, until, reasons, again }: DecisionDraft): string {
  const what = experienceId === undefined ? "" : ` ${experienceId}@${channel}`;
  const when = until === undefined ? "" : ` until ${short(until)}`;
  const codes = [...new Set(reasons.map(({ code }) => code))].filter((code) => code !== "eligible").sort();
  return `${short(decidedAt)} ${action}${what}${again ? " again" : ""}${when}${codes.length > 0 ? `: ${codes.join(", ")}` : ""}`;
}

/** `06-01 15:00` as a full time in 2026. */
export const inFull = (time: string): string => iso(at((/^\d{4}-/.test(time) ? time : `2026-${time}`).replace(" ", "T")));

// --- internal ---

const short = (time: string): string =>
  time
    .replace(/^2026-/, "")
    .replace("T", " ")
    .replace(/(:00)?Z$/, "");

/** Appends a line with the indentation of the others. */
const appendLine = (text: string, line: string): string => `${text}${line.replace("\n", `\n${/^\n?( *)\S/m.exec(text)?.[1] ?? ""}`)}`;
