import type { Decision } from "../../domain/entities/decision.ts";
import { experienceOf, type Policy, type PromiseRule } from "../../domain/entities/policy.ts";
import { type SignalEvent, signalKey } from "../../domain/entities/signal.ts";
import type { Message, Occasion } from "../../domain/story/compare-departments.ts";
import { type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import type { Paint } from "../io.ts";
import { type About, clockOf, dayOf, lengthOf, whyNot } from "./demo-reasons.ts";
import { wrap } from "./table.ts";

/** An event of a customer, with the departments' reactions and the actual one. */
export interface StoryEvent {
  readonly at: string;
  readonly day: string;
  readonly what: string;
  readonly rows: readonly StoryRow[];
  readonly notes: readonly string[];
}

export interface StoryRow {
  readonly department: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** The message sent, the task for a human, or why nothing was sent. */
  readonly says: string;
}

export const OUTCOMES = ["sent", "sent later", "held back", "task for a human", "sent by the record alone"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface StoryInput {
  readonly customerId: string;
  readonly messages: readonly Message[];
  readonly decisions: readonly Decision[];
  readonly signals: readonly SignalEvent[];
  readonly about: About;
  readonly zone: string;
}

/** The story of one customer, in order of time. */
export function storyOf(input: StoryInput): StoryEvent[] {
  const { customerId, messages, decisions, signals, about, zone } = input;
  const own = signals.filter(({ subject }) => subject === customerId);
  const events = new Map<string, { at: Instant; what: string; rows: StoryRow[]; notes: string[] }>();
  const eventOf = ({ key, at, what }: Happening) => {
    const event = events.get(key) ?? { at, what, rows: [], notes: [] };
    events.set(key, event);
    return event;
  };
  for (const signal of own) {
    const notes = promiseNotes(signal, own, about.policy, zone);
    if (notes.length > 0 || CONTACTS.includes(signal.type)) eventOf(happeningOf(signal, about.firstName)).notes.push(...notes);
  }
  for (const decision of decisions.filter((one) => one.customerId === customerId)) {
    const task = taskOf(decision, about.policy);
    if (task) eventOf(occasionOf(decision, own, about.firstName)).rows.push(task);
  }
  for (const message of messages.filter((one) => one.customerId === customerId)) {
    const decision = (message.alone ?? message.sent)?.decision;
    if (decision) eventOf(occasionOf(decision, own, about.firstName)).rows.push(rowOf(message, about));
  }
  return [...events.values()].sort((a, b) => a.at - b.at).map(({ at, ...event }) => ({ at: iso(at), day: dayOf(at, zone), ...event }));
}

/** A story as lines: the departments' messages on the left, the actual ones on the right. */
export function storyLines(events: readonly StoryEvent[], width: number, paint: Paint): string[] {
  return events.flatMap(({ day, what, rows, notes }) => {
    const [first = "", ...more] = wrap(what, width - DAY_WIDTH);
    return [
      "",
      `${paint.dim(day.padStart(DAY_WIDTH - 2))}  ${paint.bold(first)}`,
      ...more.map((line) => `${" ".repeat(DAY_WIDTH)}${paint.bold(line)}`),
      ...rows.flatMap((row) => rowLines(row, width, paint)),
      ...notes.flatMap((note) => hanging("↳ ", note, width, DAY_WIDTH).map(paint.dim)),
    ];
  });
}

/** The headings of the two columns of `storyLines`. */
export function storyHead(width: number, paint: Paint): string {
  return paint.dim(`${" ".repeat(DAY_WIDTH)}${"each department alone".padEnd(leftWidth(width) - DAY_WIDTH)}  with Sentient`);
}

/** The symbol and colour of each outcome. */
export function markOf(outcome: Outcome, paint: Paint): string {
  switch (outcome) {
    case "sent":
      return paint.green("✓");
    case "sent later":
      return paint.green("›");
    case "sent by the record alone":
      return paint.cyan("+");
    case "task for a human":
      return paint.cyan("◆");
    case "held back":
      return paint.red("✗");
  }
}

/** A message as a row of a story: its text, or why it was not sent. */
export function rowOf(message: Message, about: About): StoryRow {
  const { department, name, alone, sent } = message;
  if (!sent) return { department, name, outcome: "held back", says: whyNot(message, about) };
  const says = `${sent.channel} “${sent.text}”`;
  if (!alone) return { department, name, outcome: "sent by the record alone", says };
  if (sent.at === alone.at) return { department, name, outcome: "sent", says };
  return { department, name, outcome: "sent later", says: `${sentOn(alone, sent)}: ${whyNot({ ...message, last: alone }, about)}` };
}

/** The left column shows which department would have sent a message, the right one its outcome. */
export function rowLines({ department, name, outcome, says }: StoryRow, width: number, paint: Paint): string[] {
  const mark = markOf(outcome, paint);
  if (outcome === "task for a human") return hanging(`${mark} `, `task for ${department}: ${says}`, width, DAY_WIDTH);
  const left = leftWidth(width);
  const nameWidth = left - DAY_WIDTH - DEPARTMENT_WIDTH - 1;
  const names = wrap(name, nameWidth);
  const words = wrap(says, width - left - 4);
  return Array.from({ length: Math.max(names.length, words.length) }, (_, line) => {
    const label = (line === 0 ? department : "").padEnd(DEPARTMENT_WIDTH);
    const what = (names[line] ?? "").padEnd(nameWidth);
    return `${" ".repeat(DAY_WIDTH)}${paint.dim(label)} ${what}  ${line === 0 ? mark : " "} ${words[line] ?? ""}`.trimEnd();
  });
}

// --- internal ---

/** Signals that are shown even without consequences: contacts with a human. */
const CONTACTS = ["human.touch", "message.received"];
/** A margin of one, a date like `12 Mar`, and a gap. */
const DAY_WIDTH = 9;

interface Happening {
  readonly key: string;
  readonly at: Instant;
  readonly what: string;
}

function occasionOf({ wake, decidedAt, moments, timezone }: Decision, signals: readonly SignalEvent[], firstName: string): Happening {
  const signal = wake.kind === "signal" ? signals.find(({ id, source }) => id === wake.signalId && source === wake.source) : undefined;
  if (signal) return happeningOf(signal, firstName);
  const opened = moments.filter(({ openedAt }) => openedAt === decidedAt).map(({ name }) => plainly(name));
  const at = parseInstant(decidedAt) ?? 0;
  const what = opened.length > 0 ? `calendar: ${opened.join(", ")}` : `${clockOf(at, timezone.name)}, the wait is over`;
  return { key: decidedAt, at, what };
}

function happeningOf({ id, source, type, time = "", data = {} }: SignalEvent, firstName: string): Happening {
  const text = [data.note, data.text].find((one) => typeof one === "string");
  const said = text === undefined ? plainly(type) : `“${text}”`;
  const by = typeof data.by === "string" ? ` with ${data.by}` : "";
  const what =
    type === "human.touch"
      ? `${data.kind === "call" ? "call" : "visit"}${by}: ${said}`
      : type === "message.received"
        ? `${firstName} writes: ${said}`
        : `${source}: ${said.replace(/[“”]/g, "")}`;
  return { key: signalKey({ source, id }), at: parseInstant(time) ?? 0, what };
}

const plainly = (name: string): string => name.replace(/[._]/g, " ");

/** When it was sent instead: another day, or another hour of the same day. */
function sentOn(alone: Occasion, sent: Occasion): string {
  const zone = sent.decision.timezone.name;
  const day = dayOf(sent.at, zone);
  return `sent ${day === dayOf(alone.at, zone) ? `at ${clockOf(sent.at, zone)}` : `on ${day}`}`;
}

function taskOf({ action, channel = "", experienceId = "", deliveries }: Decision, policy: Policy): StoryRow | undefined {
  const rule = policy.channels[channel];
  const summary = deliveries[0]?.content?.summary;
  if (action !== "deliver" || !rule?.makesTask || typeof summary !== "string") return undefined;
  return {
    department: rule.queue ?? channel,
    name: experienceOf(policy, experienceId)?.name ?? experienceId,
    outcome: "task for a human",
    says: summary,
  };
}

/** A signal's effect on promises, by the policy: newly owed, or kept. */
function promiseNotes(signal: SignalEvent, signals: readonly SignalEvent[], { promises }: Policy, zone: string): string[] {
  const at = parseInstant(signal.time ?? "") ?? 0;
  const opened = promises
    .filter(({ opens }) => opens.includes(signal.type))
    .map(({ name, due, owner, suppress }) => {
      const quiet = suppress.length > 0 ? `; until then ${suppress.join(" and ")} are quiet` : "";
      return `promised: ${plainly(name)} by ${dayOf(at + due, zone)}, from ${owner}${quiet}`;
    });
  return [...opened, ...promises.flatMap((rule) => keptNote(rule, signal, signals, at))];
}

function keptNote(
  { name, opens, closes, due }: PromiseRule,
  { type }: SignalEvent,
  signals: readonly SignalEvent[],
  at: Instant,
): string[] {
  const opening = signals.find((one) => opens.includes(one.type) && (parseInstant(one.time ?? "") ?? 0) < at);
  if (!closes.includes(type) || !opening) return [];
  const dueAt = (parseInstant(opening.time ?? "") ?? 0) + due;
  const early = dueAt - at;
  return [`kept: ${plainly(name)}, ${lengthOf(0, Math.abs(early))} ${early >= 0 ? "before it was due" : "late"}`];
}

const DEPARTMENT_WIDTH = 9;
const leftWidth = (width: number): number => Math.min(48, Math.floor(width * 0.54));

/** Text after a symbol, its further lines aligned below its first. */
function hanging(sign: string, text: string, width: number, indent: number): string[] {
  return wrap(text, width - indent - 2).map((line, index) => `${" ".repeat(indent)}${index === 0 ? sign : "  "}${line}`);
}
