import type { ASTNode } from "@marcbachmann/cel-js";
import { joinPath } from "../../domain/values/path.ts";
import { namesOf } from "../condition-faults.ts";
import {
  countInWords,
  distanceInWords,
  inUnits,
  isAway,
  lengthInWords,
  MIRRORED,
  type Noun,
  nounWithin,
  numberThere,
  type Sign,
} from "./amounts.ts";
import { dateLabelOf, isNow, labelOf, literalOf, shown, withArticle } from "./names.ts";
import type { Read, Wording } from "./wording.ts";

/** A comparison of a function's number with `value`. */
export interface Compared {
  readonly node: ASTNode;
  readonly sign: Sign;
  readonly value: number;
}

/** `daysUntil(customer.lease.endsOn) <= 60`, `touches('7d') < 3` and the like in words; undefined for other expressions. */
export function callInWords(compared: Compared, read: Read): Wording | undefined {
  const { node } = compared;
  if (node.op === "rcall") return methodInWords(node.args, compared, read);
  if (node.op !== "call") return undefined;
  const [name, args] = node.args;
  const [first] = args;
  const [text = "", second] = args.map((one) => String(literalOf(one)?.value));
  switch (name) {
    case "touches":
      return counted(nounWithin("contact", second === undefined ? "" : ` by ${second}`, text), compared, read(node));
    case "count":
      return counted(nounWithin(`${text} signal`, "", second ?? ""), compared, read(node));
    case "cadence":
      return usualGap(text, compared, read);
    case "SIZE":
      return first && sized(first, compared, read);
    default:
      return first && dated(name, first, compared, read);
  }
}

/** A number of things that a field or a function gives. */
export const counted = (noun: Noun, { sign, value }: Omit<Compared, "node">, count: unknown): Wording => ({
  subject: countInWords(sign, value, noun),
  ask: "",
  today: typeof count === "number" ? numberThere(count) : isNow(count),
});

/** Signs of a comparison after its subject: `a churn score of at least 0.7`. */
export const COMPARED: Readonly<Record<Sign, string>> = {
  "==": "of",
  "!=": "other than",
  "<": "below",
  "<=": "of at most",
  ">": "above",
  ">=": "of at least",
};

// --- internal ---

/** Parts of the current time, counted as in CEL. */
const CLOCK: ReadonlyMap<string, string> = new Map([
  ["GETHOURS", "hour of the day"],
  ["GETMINUTES", "minute of the hour"],
  ["GETDAYOFWEEK", "weekday (0 is Sunday)"],
  ["GETDATE", "day of the month"],
  ["GETMONTH", "month (0 is January)"],
  ["GETFULLYEAR", "year"],
]);

function methodInWords(
  [method, receiver]: readonly [string, ASTNode, readonly ASTNode[]],
  compared: Compared,
  read: Read,
): Wording | undefined {
  if (method === "SIZE") return sized(receiver, compared, read);
  const part = CLOCK.get(method);
  if (part === undefined || receiver.op !== "id" || receiver.args !== "now") return undefined;
  return { subject: withArticle(part), ask: `${COMPARED[compared.sign]} ${compared.value}`, today: isNow(read(compared.node)) };
}

function usualGap(type: string, { node, sign, value }: Compared, read: Read): Wording {
  const days = read(node);
  const today = typeof days === "number" ? `it is ${inUnits(days, "day")}` : "there were not two yet";
  return { subject: `a usual gap between two ${type} signals`, ask: `of ${lengthInWords(sign, value, "day")}`, today };
}

function sized(field: ASTNode, compared: Compared, read: Read): Wording | undefined {
  const name = labelOf(field);
  if (name === undefined) return undefined;
  const [one, many] = typeof read(field) === "string" ? ["character", "characters"] : ["entry", "entries"];
  return counted({ one: `${one} in the ${name}`, many: `${many} in the ${name}` }, compared, read(compared.node));
}

/** `daysUntil`, `daysSince`, `hoursUntil`, `hoursSince`, `daysUntilAnniversary` of a field. */
function dated(name: string, field: ASTNode, { node, sign, value }: Compared, read: Read): Wording | undefined {
  const [, unit = "", kind] = /^(day|hour)s(Until|Since|UntilAnniversary)$/.exec(name) ?? [];
  const label = dateOf(field);
  if (kind === undefined || label === undefined) return undefined;
  const isSince = kind === "Since";
  const isYearly = kind === "UntilAnniversary";
  const ask = isSince ? distanceInWords(MIRRORED[sign], -value, unit) : distanceInWords(sign, value, unit);
  const far = read(node);
  const today =
    typeof far === "number" ? `${isYearly ? "the next one" : "it"} ${isAway(isSince ? -far : far, unit)}` : whyNoDate(read(field));
  return { subject: isYearly ? `an anniversary of the ${label}` : withArticle(label), ask, today };
}

/** A date with its path, where its name is worded freely: `lease end date (lease.endsOn)`. */
function dateOf(field: ASTNode): string | undefined {
  const label = dateLabelOf(field);
  return label === undefined ? labelOf(field) : `${label} (${joinPath((namesOf(field) ?? []).slice(1))})`;
}

const whyNoDate = (value: unknown): string =>
  value === undefined || value === null || value === "" ? "none is known" : `it is ${shown(value)}, which is no date`;
