import type { Decision, Stage } from "../../domain/entities/decision.ts";
import { type MarkKind, markOfAction } from "../values/marks.ts";
import { counted, figure, listed } from "../values/numbers.ts";
import { reasonWords } from "../values/reasons.ts";
import { plain } from "../values/visible.ts";
import { charactersIn, shorten } from "./fit-text.ts";

// Why this, and why not the others: each candidate goes from the left through the stages until one stops it.

/** The columns: what a stage asks, in a word, and the stages of the funnel that it stands for. */
export const COLUMNS: readonly { readonly word: string; readonly asks: string; readonly stages: readonly Stage[] }[] = [
  { word: "eligible", asks: "may it go to this customer at all", stages: ["canary", "eligibility"] },
  { word: "applies", asks: "is it about what has happened", stages: ["applicability"] },
  { word: "suits", asks: "does it suit the customer now", stages: ["suitability"] },
  { word: "judge", asks: "does the judge agree", stages: ["judge"] },
  { word: "facts", asks: "are its facts there, fresh and undisputed", stages: ["facts"] },
  { word: "consent", asks: "is there consent and an address", stages: ["consent"] },
  { word: "rules", asks: "does nothing suppress it, and no promise come first", stages: ["suppression"] },
  { word: "timing", asks: "do limits, caps and quiet hours allow it now", stages: ["timing"] },
  {
    word: "wins",
    asks: "is it the best, likely enough, approved, and not withheld to compare",
    stages: ["arbitration", "propensity", "approval", "holdout"],
  },
];

/** One candidate, or those that had no room in the record. */
export interface Row {
  readonly key: string;
  readonly name: string;
  readonly beneath: string;
  readonly y: number;
  /** The stages passed, as the places of their dots. */
  readonly dots: readonly number[];
  readonly mark: { readonly kind: MarkKind; readonly x: number };
  /** The column where it ended. */
  readonly column: number;
  /** The reason, cut to its place. */
  readonly words: { readonly text: string; readonly x: number; readonly anchor: "start" | "end" };
  /** The same, whole. */
  readonly reason: string;
  readonly code?: string;
  readonly score?: { readonly priority: string; readonly factors: string; readonly isWould: boolean };
}

export interface Waterfall {
  readonly width: number;
  readonly height: number;
  readonly heads: readonly { readonly word: string; readonly asks: string; readonly x: number }[];
  readonly rows: readonly Row[];
  readonly sentence: string;
}

export type Shown = Pick<Decision, "action" | "candidates" | "others" | "reasons" | "until">;

const NAME_WIDTH = 208;
const SCORE_WIDTH = 156;
const HEAD_HEIGHT = 34;
const ROW_HEIGHT = 48;
/** The average width of a character of small text. */
const CHARACTER = 6.1;
const LEAST_WIDTH = 860;

/** The marks of a decision on a picture of a width. The winner comes first, then those that came furthest. */
export function layoutWaterfall(decision: Shown, wanted: number): Waterfall {
  const width = Math.max(wanted, LEAST_WIDTH);
  const step = (width - NAME_WIDTH - SCORE_WIDTH) / COLUMNS.length;
  const xOf = (column: number): number => Math.round(NAME_WIDTH + step * (column + 0.5));
  const ends = endsOf(decision);
  const rows = ends.map((end, index): Row => {
    const { column, kind, name, ...rest } = end;
    const x = xOf(column);
    const isLeft = column < COLUMNS.length / 2;
    const room = isLeft ? width - SCORE_WIDTH - x : x + 6 - NAME_WIDTH + 24;
    return {
      ...rest,
      name: fitted(name, NAME_WIDTH - 16),
      y: HEAD_HEIGHT + ROW_HEIGHT * index + 16,
      dots: Array.from({ length: column }, (_, passed) => xOf(passed)),
      mark: { kind, x },
      column,
      words: { text: fitted(end.reason, room), x: isLeft ? x - 6 : x + 6, anchor: isLeft ? "start" : "end" },
    };
  });
  return {
    width,
    height: HEAD_HEIGHT + ROW_HEIGHT * Math.max(rows.length, 1) + 4,
    heads: COLUMNS.map(({ word, asks }, column) => ({ word, asks, x: xOf(column) })),
    rows,
    sentence: sentenceOf(ends),
  };
}

// --- internal ---

const fitted = (text: string, room: number): string => shorten(text, charactersIn(room, CHARACTER, 8));

type End = Omit<Row, "y" | "dots" | "mark" | "words"> & { readonly kind: MarkKind };

const columnOf = (stage: string): number =>
  Math.max(
    0,
    COLUMNS.findIndex(({ stages }) => (stages as readonly string[]).includes(stage)),
  );

function endsOf(decision: Shown): readonly End[] {
  const { candidates, others = [] } = decision;
  const named = candidates.map((candidate) => endOf(candidate, decision));
  const counted = others.map(({ stage, code, count, experiences }): End => {
    const reason = reasonWords(code);
    return {
      ...{ key: `${stage} ${code}`, name: `+ ${count} more`, beneath: experiences.length === 0 ? "" : plain(experiences.join(", "), 60) },
      ...{ column: columnOf(stage), kind: "held", reason, code },
    };
  });
  const isWinner = ({ kind }: End): boolean => kind !== "held";
  return [...named.sort((a, b) => Number(isWinner(b)) - Number(isWinner(a)) || b.column - a.column), ...counted];
}

function endOf(
  { experienceId, moment, channel, variant, verdict, reasons, score, wouldScore }: Decision["candidates"][number],
  decision: Shown,
): End {
  const stopping = reasons.filter(({ stage }) => stage !== undefined);
  const [stop] = stopping.toSorted((a, b) => columnOf(a.stage ?? "") - columnOf(b.stage ?? ""));
  const isChosen = verdict === "chosen";
  const kind = isChosen ? markOfAction(decision.action) : "held";
  const column = stop?.stage === undefined || (isChosen && decision.action === "deliver") ? COLUMNS.length - 1 : columnOf(stop.stage);
  const shown = score ?? wouldScore;
  return {
    ...{
      key: `${experienceId} ${moment}`,
      name: plain(experienceId, 80),
      beneath: plain([moment, [channel, variant].filter(Boolean).join(" · ")].filter(Boolean).join(" → "), 60),
      column,
      kind,
    },
    ...{ reason: reasonOf(stop, kind, decision) },
    ...(stop === undefined ? {} : { code: stop.code }),
    ...(shown === undefined
      ? {}
      : {
          score: {
            priority: figure(shown.priority),
            factors: [shown.P, shown.C, shown.V, shown.L].map((factor) => figure(Number(factor.toPrecision(2)))).join(" × "),
            isWould: score === undefined,
          },
        }),
  };
}

function reasonOf(stop: Decision["reasons"][number] | undefined, kind: MarkKind, { action }: Shown): string {
  if (stop === undefined)
    return kind === "held" ? reasonWords("lower_priority") : action === "deliver" ? "it won" : reasonWords("eligible");
  return plain(stop.headline || stop.detail || reasonWords(stop.code), 400);
}

/** The picture in a sentence: `3 experiences were looked at: 1 waits, 2 were held back (rules, timing).` */
function sentenceOf(ends: readonly End[]): string {
  const size = ({ name }: End): number => Number(/^\+ (\d+) more$/.exec(name)?.[1] ?? 1);
  const total = ends.reduce((sum, end) => sum + size(end), 0);
  if (total === 0) return "No experience was looked at: none serves an open moment.";
  const held = ends.filter(({ kind }) => kind === "held");
  const heldCount = held.reduce((sum, end) => sum + size(end), 0);
  const where = [...new Set(held.map(({ column }) => column))].sort((a, b) => a - b).map((column) => COLUMNS[column]?.word ?? "");
  const winner = ends.find(({ kind }) => kind !== "held");
  const won = winner === undefined ? undefined : { sent: "1 won", waits: "1 waits", task: "1 waits for approval" }[winner.kind as "sent"];
  const rest = heldCount === 0 ? undefined : `${counted(heldCount, "was", "were")} held back (${listed(where)})`;
  return `${counted(total, "experience was", "experiences were")} looked at: ${[won, rest].filter(Boolean).join(", ")}.`;
}
