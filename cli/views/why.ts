import { terminalSafe } from "../../domain/values/terminal-safe.ts";
import type { Ask, Rung, RungState } from "../../domain/why/rung.ts";
import type { LookLine, Why } from "../../domain/why/why.ts";
import type { Io } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table, wrap } from "./table.ts";

/** An answer to "why": the sentence, what would change it and whom to ask, the ladder, and the decisions it rests on. */
export function whyLines(why: Why, { paint, columns }: Pick<Io, "paint" | "columns">): string[] {
  const { answer, change, ask, rungs, looks, lastLook, searched } = why;
  const width = Math.min(columns, 100);
  const paragraph = (text: string, indent = "") => wrap(terminalSafe(text), width, indent);
  const span = `${minuteOf(searched.from)} to ${minuteOf(searched.to)} UTC${searched.whole ? "" : "; older decisions were not read, or are forgotten"}`;
  return [
    ...paragraph(answer).map(paint.bold),
    ...(change === undefined ? [] : ["", ...paragraph(`Would change it: ${change}.`)]),
    ...(ask ? paragraph(`Ask: ${askInWords(ask)}.`) : []),
    "",
    ...rungs.filter(({ state }) => state !== "not_reached").flatMap((rung) => rungLines(rung, paint, paragraph)),
    "",
    ...(looks.length > 0
      ? ["Decisions:", ...table(looks.map(lookCells), { indent: 2 })]
      : [paint.dim("No decision looked at it in this time.")]),
    ...(lastLook ? [paint.dim(`The latest before: ${lookCells(lastLook).join("  ").trimEnd()}`)] : []),
    paint.dim(`searched ${span}`),
  ];
}

// --- internal ---

const SIGNS: Readonly<Record<RungState, string>> = { yes: "✓", no: "✗", waits: "◷", unknown: "?", not_reached: " " };

type Paragraph = (text: string, indent?: string) => string[];

function rungLines({ state, question, says, details }: Rung, paint: Io["paint"], paragraph: Paragraph): string[] {
  const painted = { yes: paint.green, no: paint.red, waits: paint.yellow, unknown: paint.dim, not_reached: paint.dim }[state];
  return [
    `${painted(SIGNS[state])} ${question}`,
    ...paragraph(says, "    "),
    ...details.flatMap((detail) => paragraph(detail, "    ")).map(paint.dim),
  ];
}

const askInWords = ({ department, queue, person, about }: Ask): string =>
  [[person ?? department, queue === undefined ? undefined : `(queue ${queue})`].filter((part) => part !== undefined).join(" "), about]
    .filter((part) => part !== "")
    .join(", about ");

const lookCells = ({ decisionId, decidedAt, action, verdict, winner, codes }: LookLine): string[] => [
  minuteOf(decidedAt),
  decisionId.slice(0, 10),
  verdict === "chosen" ? action : "held back",
  codes.join(", "),
  winner === undefined ? "" : `${winner} won`,
];
