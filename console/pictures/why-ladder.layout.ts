import type { z } from "zod";
import type { WhyView } from "../../operations/why/views.ts";
import { plain } from "../values/visible.ts";
import { charactersIn, linesOf } from "./fit-text.ts";

export type Rung = z.infer<typeof WhyView>["rungs"][number];

/** One rung as it is drawn: its mark on the rail, its question and its answer beside it. */
export interface RungMark {
  readonly id: string;
  readonly state: Rung["state"];
  /** The state in a word, for readers who do not see the colour. */
  readonly word: string;
  readonly x: number;
  readonly y: number;
  readonly question: readonly Line[];
  readonly says: readonly Line[];
}

interface Line {
  readonly text: string;
  readonly y: number;
}

export interface Ladder {
  readonly width: number;
  readonly height: number;
  readonly rungs: readonly RungMark[];
  /** The rail between two marks; broken behind the rung that stopped it. */
  readonly rails: readonly { readonly y1: number; readonly y2: number; readonly isReached: boolean }[];
  readonly rail: number;
}

/** The words of the states, after the question. */
export const STATE_WORDS: Readonly<Record<Rung["state"], string>> = {
  yes: "yes",
  no: "no",
  waits: "not yet",
  unknown: "nobody knows",
  not_reached: "not reached",
};

/** Places the rungs one below the other, within a width. What is too long for six lines is in the table. */
export function layoutLadder(rungs: readonly Rung[], width: number): Ladder {
  const most = charactersIn(width - TEXT - RIGHT, CHARACTER, 12);
  const marks: RungMark[] = [];
  let y = TOP;
  for (const { id, state, question, says } of rungs) {
    const word = STATE_WORDS[state];
    const asked = linesOf(`${question} ${state === "not_reached" ? "" : word}`.trim(), most);
    const told = state === "not_reached" ? [] : linesOf(plain(says, MOST_TEXT), most).slice(0, MOST_LINES);
    const at = (index: number): number => y + index * LINE;
    marks.push({
      ...{ id, state, word, x: RAIL, y: y - MIDDLE },
      question: asked.map((text, index) => ({ text, y: at(index) })),
      says: told.map((text, index) => ({ text: isCut(told, index, says) ? `${text} …` : text, y: at(asked.length + index) })),
    });
    y += (asked.length + told.length) * LINE + GAP;
  }
  const rails = marks.slice(1).map((mark, index) => {
    const before = marks[index] as RungMark;
    return { y1: before.y + RADIUS, y2: mark.y - RADIUS, isReached: mark.state !== "not_reached" };
  });
  return { width, height: y - GAP + BOTTOM, rungs: marks, rails, rail: RAIL };
}

// --- internal ---

const RAIL = 14;
const TEXT = 36;
const RIGHT = 8;
const TOP = 20;
const BOTTOM = 8;
const LINE = 18;
const GAP = 14;
const RADIUS = 11;
/** From the base line of a text to the middle of its letters. */
const MIDDLE = 5;
/** A character of the text, on average. */
const CHARACTER = 6.7;
const MOST_LINES = 6;
const MOST_TEXT = 1_000;

export const TEXT_X = TEXT;

const isCut = (told: readonly string[], index: number, says: string): boolean =>
  index === told.length - 1 && told.join(" ").length < Math.min(plain(says, MOST_TEXT).length, says.length);
