import type { ASTNode } from "@marcbachmann/cel-js";
import { valueInWords } from "../../domain/record/doubts.ts";
import { namesOf } from "../condition-faults.ts";

/** `churn score` for `customer.churn.score`, `signal place` for `signal.data.place`; undefined for other expressions. */
export const labelOf = (node: ASTNode): string | undefined => onceFor(node, labels, labelAnew);

/** `lease end date` for `customer.lease.endsOn`; undefined where the name does not end like a date's. */
export const dateLabelOf = (node: ASTNode): string | undefined => onceFor(node, dateLabels, dateLabelAnew);

/** With `a` or `an`; a plural stays as it is. */
export const withArticle = (noun: string): string => (/[^\Wsui]s$/.test(noun) ? noun : aOrAn(noun));

export const aOrAn = (noun: string): string => `${/^(?:[aeio]|hour|u(?!se|ni))/i.test(noun) ? "an" : "a"} ${noun}`;

/** A literal in an expression. */
export function literalOf(node: ASTNode): { readonly value: unknown } | undefined {
  if (node.op === "value") return { value: typeof node.args === "bigint" ? Number(node.args) : node.args };
  return node.op === "-_" && node.args.op === "value" ? { value: -Number(node.args.args) } : undefined;
}

/** A value as a reader sees it: shortened, with texts in quotes. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${valueInWords(value)}"`;
  return typeof value === "bigint" ? String(value) : valueInWords(value);
}

/** What a field holds: `it is 0.4`, `none is known`. */
export const isNow = (value: unknown): string => (value === undefined || value === null ? "none is known" : `it is ${shown(value)}`);

// --- internal ---

/** Labels by node: a condition is explained for many customers. */
const labels = new WeakMap<ASTNode, { readonly label: string | undefined }>();
const dateLabels = new WeakMap<ASTNode, { readonly label: string | undefined }>();

function onceFor(node: ASTNode, known: typeof labels, anew: (node: ASTNode) => string | undefined): string | undefined {
  const found = known.get(node) ?? { label: anew(node) };
  known.set(node, found);
  return found.label;
}

function labelAnew(node: ASTNode): string | undefined {
  const [root = "", ...names] = namesOf(node) ?? [];
  if (names.length === 0) return undefined;
  if (root === "customer") return inLower(names);
  if (!WITH_ROOT.includes(root)) return undefined;
  return `${root} ${inLower(names[0] === "data" && names.length > 1 ? names.slice(1) : names)}`;
}

function dateLabelAnew(node: ASTNode): string | undefined {
  const [root, ...names] = namesOf(node) ?? [];
  const last = /^(.*[a-z])(?:On|Since|Until)$/.exec(names.at(-1) ?? "")?.[1];
  if (last === undefined || root !== "customer") return undefined;
  const words = inLower([...names.slice(0, -1), last]).split(" ");
  const verb = words.pop() ?? "";
  return `${[...words, NOUNS.get(verb) ?? verb].join(" ")} date`;
}

const WITH_ROOT: readonly string[] = ["signal", "moment", "experience", "ask"];

/** Nouns of the verbs that name dates. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ["ends", "end"],
  ["expires", "expiry"],
  ["renews", "renewal"],
  ["starts", "start"],
  ["begins", "start"],
]);

/** Names in camel case as words; abbreviations in capitals stay. */
const inLower = (names: readonly string[]): string =>
  names
    .join(" ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .replace(/\b[A-Z](?![A-Z])/g, (letter) => letter.toLowerCase());
