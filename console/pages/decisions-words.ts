import type { z } from "zod";
import type { DecisionLine, DecisionLinesView } from "../../operations/decisions/views.ts";
import type { Query } from "../api/client.ts";
import type { Search } from "../parts/filter-bar.tsx";
import { MARKS, type MarkKind, markOfLine, RECORDED } from "../values/marks.ts";
import { count, counted, listed } from "../values/numbers.ts";
import { dayStart, shortDay, zoneName } from "../values/zone-time.ts";

export type Line = DecisionLine;

/** Results of decisions, as choices of a filter. */
export const ACTION_WORDS: Readonly<Record<Line["action"], string>> = {
  deliver: "sent",
  defer: "waits",
  await_approval: "needs approval",
  withhold: "withheld to compare",
  silence: "silent",
};

const DAY = 86_400_000;

/** The query of the API for what the address asks: days begin in the reader's zone, and the last one is looked at whole. */
export function queryOf({ from, to, ...filters }: Search, zone: string): Query {
  const begin = from === undefined ? undefined : dayStart(from, zone);
  const end = to === undefined ? undefined : dayStart(to, zone);
  const next = end === undefined ? undefined : dayStart(new Date(Date.parse(`${to}T00:00:00Z`) + DAY).toISOString().slice(0, 10), zone);
  return {
    ...{ view: "line", limit: 100 },
    ...filters,
    from: begin === undefined ? from : new Date(begin).toISOString(),
    to: next === undefined ? to : new Date(next).toISOString(),
  };
}

type Searched = z.infer<typeof DecisionLinesView>["searched"];

/** What a line counts as: a message that was only recorded is apart from those that were sent. */
type Counted = MarkKind | "recorded";

const kindOf = (line: Line): Counted => {
  const { kind, word } = markOfLine(line);
  return word === RECORDED ? "recorded" : kind;
};

const wordsFor = (kind: Counted, number: number): string => {
  if (kind === "recorded") return "recorded but not sent";
  return kind === "waits" && number > 1 ? "wait" : MARKS[kind];
};

const ORDER: readonly Counted[] = ["sent", "recorded", "waits", "task", "held", "failed", "silent"];

/** The list in a sentence: `19 decisions since 9 Sep CEST: 7 sent and 12 silent.` */
export function answerOf(lines: readonly Line[], { from, whole }: Searched, isFiltered: boolean, zone: string): string {
  const at = Date.parse(from);
  const since = at === 0 ? "" : ` since ${shortDay(at, zone, at)} ${zoneName(at, zone)}`;
  const what = isFiltered ? "decision that fits" : "decision";
  const several = isFiltered ? "decisions that fit" : "decisions";
  if (lines.length === 0) return whole ? `No ${what}${since}.` : `No ${what} back to ${shortDay(at, zone, at)}.`;
  const kinds = lines.map(kindOf);
  const parts = ORDER.flatMap((kind) => {
    const number = kinds.filter((one) => one === kind).length;
    return number === 0 ? [] : [`${count(number)} ${wordsFor(kind, number)}`];
  });
  const head = whole ? counted(lines.length, what, several) : `The latest ${counted(lines.length, what, several)}`;
  return `${head}${since}: ${listed(parts)}.`;
}
