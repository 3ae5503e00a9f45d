import type { ASTNode } from "@marcbachmann/cel-js";
import type { Answer } from "../domain/values/condition.ts";
import { joinPath } from "../domain/values/path.ts";

/** A part of a condition that does not have the value that the whole needs. */
export interface FaultyPart {
  readonly node: ASTNode;
  /** The value that the whole needs: false under an odd number of `!`. */
  readonly wanted: boolean;
}

/** Faulty parts in groups: all of them have to change, or, where `either`, one of them. */
export interface FaultyGroup {
  readonly either: boolean;
  readonly parts: readonly Faulty[];
}

export type Faulty = FaultyPart | FaultyGroup;

/**
 * The smallest parts because of which an expression that is not `wanted` is so. `ask` evaluates a part.
 */
export function faultyIn(node: ASTNode, ask: (part: ASTNode) => Answer, wanted = true): Faulty {
  switch (node.op) {
    case "&&":
    case "||": {
      const parts = node.args.flatMap((part) => (hasValue(ask(part), wanted) ? [] : faultyIn(part, ask, wanted)));
      return { either: (node.op === "||") === wanted, parts };
    }
    case "!_":
      return faultyIn(node.args, ask, !wanted);
    case "?:": {
      const [asked, yes, no] = node.args;
      const { outcome } = ask(asked);
      if (outcome !== "met" && outcome !== "unmet") return faultyIn(asked, ask);
      return faultyIn(outcome === "met" ? yes : no, ask, wanted);
    }
    default:
      return { node, wanted };
  }
}

/** The parts of all groups, in the order of the text. */
export const partsOf = (faulty: Faulty): FaultyPart[] => ("node" in faulty ? [faulty] : faulty.parts.flatMap(partsOf));

/** Field names of a read such as `customer.lease.endsOn` or `customer["first name"]`, from the root; undefined for other expressions. */
export function namesOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === "id") return [node.args];
  if (node.op !== "." && node.op !== "[]" && node.op !== ".?" && node.op !== "[?]") return undefined;
  const [parent, name] = node.args;
  const above = namesOf(parent);
  if (typeof name === "string") return above && [...above, name];
  return above && name.op === "value" && typeof name.args === "string" ? [...above, name.args] : undefined;
}

/** Paths of the customer's fields that a part reads; "" stands for all, where a name is known only at run time. */
export function customerPaths(node: ASTNode): string[] {
  const names = namesOf(node);
  if (names) return names[0] === "customer" ? [joinPath(names.slice(1))] : [];
  return childrenOf(node).flatMap(customerPaths);
}

/**
 * The customer's fields without which a condition never holds, as names below `customer`: those that each of its parts joined by `&&` reads
 * in any case. Parts that may hold without what they read (`||`, `?:`, `has()`, tests of lists) name none.
 */
export function neededFields(node: ASTNode): (readonly string[])[] {
  if (node.op === "&&") return node.args.flatMap(neededFields);
  return readsAll(node) ? readsIn(node) : [];
}

/** The nodes directly below a node. */
export function childrenOf({ args }: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) for (const inner of part) walk(inner);
    else if (typeof part === "object" && part !== null && "op" in part) found.push(part as ASTNode);
  };
  walk(args);
  return found;
}

// --- internal ---

const readsAll = (node: ASTNode): boolean => STRICT.includes(node.op) && isStrictCall(node) && childrenOf(node).every(readsAll);

/** Operations that come to nothing where one of their operands is missing. */
const STRICT: readonly string[] = [
  "id",
  "value",
  ".",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "in",
  "list",
  "!_",
  "-_",
  "call",
];

/** Functions that read their arguments, whatever these are. */
const STRICT_CALLS: readonly string[] = [
  "daysUntil",
  "daysSince",
  "hoursUntil",
  "hoursSince",
  "daysUntilAnniversary",
  "touches",
  "count",
  "cadence",
];

const isStrictCall = ({ op, args }: ASTNode): boolean => op !== "call" || STRICT_CALLS.includes(args[0]);

function readsIn(node: ASTNode): (readonly string[])[] {
  const names = node.op === "." ? namesOf(node) : undefined;
  if (names) return names[0] === "customer" ? [names.slice(1)] : [];
  return childrenOf(node).flatMap(readsIn);
}

const hasValue = ({ outcome }: Answer, wanted: boolean): boolean => outcome === (wanted ? "met" : "unmet");
