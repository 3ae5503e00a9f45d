import type { Message } from "../../domain/story/compare-departments.ts";
import type { Paint } from "../io.ts";
import type { Attention } from "./demo-contacts.ts";
import { kindOf } from "./demo-reasons.ts";
import { table, wrap } from "./table.ts";

/** One customer in figures. */
export interface CustomerTotals {
  readonly customerId: string;
  readonly name: string;
  readonly alone: number;
  readonly sent: number;
  readonly held: number;
  readonly tasks: number;
  /** Every message in order of time. */
  readonly pattern: readonly ("sent" | "later" | "held" | "extra")[];
  readonly because: readonly Count[];
}

export interface Count {
  readonly reason: string;
  readonly count: number;
}

export interface Totals {
  readonly alone: number;
  readonly sent: number;
  /** Of these, later than the department would have sent it. */
  readonly later: number;
  /** Of these, messages that no department alone would have known to send. */
  readonly extra: number;
  readonly held: number;
  readonly because: readonly Count[];
  readonly tasks: number;
  /** Of these, for promises that were not kept in time. */
  readonly overdue: number;
  readonly attention: { readonly alone: Attention; readonly sentient: Attention };
}

export function totalsOf(messages: readonly Message[]): Pick<Totals, "alone" | "sent" | "later" | "extra" | "held" | "because"> {
  const held = messages.filter(({ sent }) => !sent);
  return {
    alone: messages.filter(({ alone }) => alone).length,
    sent: messages.filter(({ sent }) => sent).length,
    later: messages.filter((message) => fateOf(message) === "later").length,
    extra: messages.filter((message) => fateOf(message) === "extra").length,
    held: held.length,
    because: countKinds(held),
  };
}

/** Reasons for holding messages back, the most frequent first. */
export function countKinds(held: readonly Message[]): Count[] {
  const counts = new Map<string, number>();
  for (const message of held) counts.set(kindOf(message), (counts.get(kindOf(message)) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export function fateOf({ alone, sent }: Message): CustomerTotals["pattern"][number] {
  if (!sent) return "held";
  if (!alone) return "extra";
  return sent.at === alone.at ? "sent" : "later";
}

export const inOrder = (messages: readonly Message[]): Message[] => [...messages].sort((a, b) => timeOf(a) - timeOf(b));

/** All customers, one per line: every message as a dot. */
export function customerLines(customers: readonly CustomerTotals[], width: number, paint: Paint): string[] {
  const rows = customers.map(({ name, pattern, alone, sent, because }) => [
    name,
    pattern.map((fate) => DOTS[fate](paint)).join(""),
    paint.dim(`${sent} of ${alone}`.padStart(8)),
    because[0] ? `${because[0].reason}${because.length > 1 ? ` ${paint.dim(`+${because.length - 1}`)}` : ""}` : "",
  ]);
  const indent = 1;
  const head = ["", "every message", " sent of", "most of the others because"].map(paint.dim);
  return table([head, ...rows], { indent }).map((line) => cut(line, width));
}

/** The totals, with bars. */
export function totalLines(totals: Totals, width: number, paint: Paint): string[] {
  const { alone, sent, held, because, attention, later, extra, tasks, overdue } = totals;
  const longest = width - 44;
  const bar = (count: number) => "█".repeat(Math.max(1, Math.round((count / Math.max(alone, sent)) * longest)));
  const digits = String(held).length;
  const plural = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
  return [
    ` Each department alone  ${paint.red(bar(alone))} ${paint.bold(String(alone))} messages`,
    ` Sentient               ${paint.green(bar(sent))} ${paint.bold(String(sent))}${paint.dim(`, ${later} of them later`)}`,
    "",
    ` ${paint.bold(String(held))} messages were held back:`,
    ...because.map(({ reason, count }) => ` ${paint.yellow(String(count).padStart(digits + 2))}  ${reason}`),
    "",
    ...table(
      [
        ["", "each department alone", "Sentient"].map(paint.dim),
        ["contacts in one customer's busiest week", String(attention.alone.busiestWeek), String(attention.sentient.busiestWeek)],
        ["messages sent while a cap was full", String(attention.alone.aboveCaps), String(attention.sentient.aboveCaps)],
      ],
      { indent: 1 },
    ),
    ...wrap(
      `Visits and calls count as contacts. ${plural(extra, "message", "messages")} went out that no department alone would have known to send; people got ${plural(tasks, "task", "tasks")}, ${overdue} of them for a promise that was not kept in time.`,
      width - 1,
      " ",
    ).map(paint.dim),
  ];
}

// --- internal ---

const DOTS: Readonly<Record<CustomerTotals["pattern"][number], (paint: Paint) => string>> = {
  sent: (paint) => paint.green("●"),
  later: (paint) => paint.green("◐"),
  held: (paint) => paint.red("○"),
  extra: (paint) => paint.cyan("+"),
};

const timeOf = ({ alone, sent }: Message): number => (alone ?? sent)?.at ?? 0;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const PIECES = /\u001b\[[0-9;]*m|[^\u001b]/gu;

/** Truncates a line to this many characters, and closes its colours. */
function cut(line: string, width: number): string {
  let seen = 0;
  return (line.match(PIECES) ?? []).filter((piece) => piece.startsWith("\u001b") || ++seen <= width).join("");
}
