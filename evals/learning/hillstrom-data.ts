import type { Features } from "../../domain/entities/lesson.ts";
import { SentientError } from "../../domain/errors.ts";
import { encodeFeatures } from "../../domain/learning/features.ts";
import { numberIn, type Row, readCsv, textOf } from "./csv.ts";

export const ARMS = ["Mens E-Mail", "Womens E-Mail", "No E-Mail"] as const;
export type Arm = (typeof ARMS)[number];

/** One customer of Kevin Hillstrom's e-mail test: assigned to one of three arms with equal probability. */
export interface Mailing {
  readonly arm: Arm;
  readonly visited: number;
  readonly boughtMens: boolean;
  readonly boughtWomens: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly features: Features;
}

/** Every customer was assigned to one of three arms with equal probability. */
export const PROPENSITY = 1 / ARMS.length;

export function readMailings(file: string): Mailing[] {
  const rows = readCsv(textOf(file), file, ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel", "segment", "visit"]);
  return rows.map((row) => mailingOf(row, file));
}

// --- internal ---

function mailingOf(row: Row, file: string): Mailing {
  const flag = (name: string) => numberIn(row, name, file, { min: 0, max: 1 });
  const segment = row.cells.get("segment") ?? "";
  const arm = ARMS.find((one) => one === segment);
  if (!arm) throw new SentientError("BAD_INPUT", `${file}:${row.line}: segment is ${JSON.stringify(segment)}, expected ${ARMS.join(", ")}`);
  const context = {
    recency: numberIn(row, "recency", file, { min: 0, max: 1000 }),
    history: numberIn(row, "history", file, { min: 0, max: 1e7 }),
    mens: flag("mens") === 1,
    womens: flag("womens") === 1,
    zip: row.cells.get("zip_code"),
    newbie: flag("newbie") === 1,
    channel: row.cells.get("channel"),
  };
  return {
    arm,
    visited: flag("visit"),
    boughtMens: context.mens,
    boughtWomens: context.womens,
    context,
    features: encodeFeatures(Object.entries(context)),
  };
}
