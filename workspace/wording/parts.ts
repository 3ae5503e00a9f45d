import type { ASTNode } from "@marcbachmann/cel-js";
import { type FaultyPart, namesOf } from "../condition-faults.ts";
import { MIRRORED, type Sign } from "./amounts.ts";
import { COMPARED, callInWords, counted } from "./calls.ts";
import { dateLabelOf, isNow, labelOf, literalOf, shown, withArticle } from "./names.ts";
import type { Read, Wording } from "./wording.ts";

/** A faulty part in words for readers without CEL; undefined for a part that has none. */
export function partInWords({ node, wanted }: FaultyPart, read: Read): Wording | undefined {
  switch (node.op) {
    case "call":
      return isPresence(node) ? presence(node.args[1][0], wanted, read) : undefined;
    case "rcall":
      return textTest(node.args, wanted, read);
    case "in":
      return membership(node.args, wanted, read);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparison(wanted ? node.op : OPPOSITE[node.op], node.args, read);
    default:
      return flag(node, wanted, read);
  }
}

/** Whether a part is `has(…)`. */
export const isPresence = (node: ASTNode): node is Extract<ASTNode, { op: "call" }> => node.op === "call" && node.args[0] === "HAS";

// --- internal ---

const OPPOSITE: Readonly<Record<Sign, Sign>> = { "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<" };

function comparison(sign: Sign, [left, right]: readonly [ASTNode, ASTNode], read: Read): Wording | undefined {
  const [given, first] = [literalOf(right), literalOf(left)];
  if (given) return withLiteral(left, sign, given.value, read);
  if (first) return withLiteral(right, MIRRORED[sign], first.value, read);
  return withField(left, sign, right, read);
}

function withLiteral(node: ASTNode, sign: Sign, value: unknown, read: Read): Wording | undefined {
  if (sign === "==" || sign === "!=") {
    if (value === null) return presence(node, sign === "!=", read);
    if (typeof value === "boolean") return flag(node, value === (sign === "=="), read);
  }
  const name = labelOf(node);
  if (typeof value === "number") {
    if (name === undefined) return callInWords({ node, sign, value }, read);
    if (namesOf(node)?.join(".") === "customer.openCases") return counted(OPEN_CASES, { sign, value }, read(node));
  }
  return name === undefined
    ? undefined
    : { subject: withArticle(name), ask: `${COMPARED[sign]} ${shown(value)}`, today: isNow(read(node)) };
}

const OPEN_CASES = { one: "open service case", many: "open service cases" };

function withField(left: ASTNode, sign: Sign, right: ASTNode, read: Read): Wording | undefined {
  const [name, other] = [labelOf(left), labelOf(right)];
  if (name === undefined || other === undefined) return undefined;
  const [own, against] = [read(left), read(right)];
  const both = against === undefined ? `no ${other} is known` : `it is ${shown(own)}, and the ${other} is ${shown(against)}`;
  return { subject: withArticle(name), ask: `${COMPARED[sign]} the ${other}`, today: own === undefined ? "none is known" : both };
}

function presence(path: ASTNode | undefined, wanted: boolean, read: Read): Wording | undefined {
  const name = path && (dateLabelOf(path) ?? labelOf(path));
  if (!path || name === undefined) return undefined;
  const value = read(path);
  if (wanted) return { subject: withArticle(name), ask: "", today: "none is known" };
  return { subject: `no ${name}`, ask: "", today: typeof value === "object" ? "there is one" : isNow(value) };
}

function flag(node: ASTNode, wanted: boolean, read: Read): Wording | undefined {
  const name = labelOf(node);
  const value = read(node);
  return name === undefined
    ? undefined
    : { subject: name, ask: `being ${wanted}`, today: value === undefined ? "it is not known" : isNow(value) };
}

function membership([left, right]: readonly [ASTNode, ASTNode], wanted: boolean, read: Read): Wording | undefined {
  const given = literalOf(left);
  if (given) return entry(shown(given.value), right, wanted, read);
  const name = labelOf(left);
  if (name === undefined || right.op !== "list") return undefined;
  const options = right.args.flatMap((one) => literalOf(one) ?? []).map(({ value }) => shown(value));
  if (options.length === 0 || options.length < right.args.length) return undefined;
  const choice = [options.slice(0, -1).join(", "), ...options.slice(-1)].filter((part) => part !== "").join(" or ");
  return { subject: withArticle(name), ask: `${wanted ? "of" : "other than"} ${choice}`, today: isNow(read(left)) };
}

function entry(value: string, list: ASTNode, wanted: boolean, read: Read): Wording | undefined {
  const name = labelOf(list);
  if (name === undefined) return undefined;
  const all = read(list);
  const today = Array.isArray(all) ? (all.length === 0 ? "there are none" : `they are ${shown(all)}`) : isNow(all);
  return { subject: wanted ? value : `no ${value}`, ask: `among the ${name}`, today };
}

/** Tests of a text: where it is to pass, and where it is not. */
const TEXT_TESTS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["contains", ["that contains", "that does not contain"]],
  ["startsWith", ["that starts with", "that does not start with"]],
  ["endsWith", ["that ends with", "that does not end with"]],
  ["MATCHES", ["that matches", "that does not match"]],
]);

function textTest(
  [method, receiver, [argument]]: readonly [string, ASTNode, readonly ASTNode[]],
  wanted: boolean,
  read: Read,
): Wording | undefined {
  const forms = TEXT_TESTS.get(method);
  const name = labelOf(receiver);
  const given = argument && literalOf(argument);
  if (!forms || name === undefined || !given) return undefined;
  return { subject: withArticle(name), ask: `${forms[wanted ? 0 : 1]} ${shown(given.value)}`, today: isNow(read(receiver)) };
}
