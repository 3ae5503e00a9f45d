import type { ASTNode } from "@marcbachmann/cel-js";

/** Kinds of names whose words the workspace or the product fixes. */
export type FixedKind = "moment" | "experience" | "channel" | "department" | "goal" | "stage" | "consent status";

/** A name that something is compared with. */
export type ComparedName =
  | { readonly kind: FixedKind | "signal" | "promise"; readonly name: string }
  /** A delivery's field within `signal.data` or `moment.data`, if that is about a delivery. */
  | {
      readonly kind: "delivery";
      readonly of: "signal" | "moment";
      readonly field: "experience" | "channel" | "department";
      readonly name: string;
    }
  /** A stage within `signal.data` or `moment.data`, if that is about a change of stage. */
  | { readonly kind: "stage change"; readonly of: "signal" | "moment"; readonly name: string };

/** A name written in a condition; `column` counts from 0 within its text. */
export type ConditionName = { readonly column: number } & (
  | ComparedName
  /** A field, from its root `customer`, `signal`, `moment` or `ask`; `*` stands for any item of a list, or a computed step. */
  | { readonly kind: "path"; readonly steps: readonly string[] }
);

/** Names written in a condition: what its fields are compared with, arguments of its functions, and the fields themselves. */
export function* namesIn(node: ASTNode, items: Items = new Map()): Generator<ConditionName> {
  yield* comparedIn(node, items);
  if (node.op === "call") yield* argumentsOf(node);
  const steps = pathOf(node, items);
  if (isStep(node) && steps) {
    yield { kind: "path", steps, column: node.start };
    yield* withinPath(node, items);
    return;
  }
  const [inner, own] = node.op === "rcall" ? scopeOf(node, items) : [partsOf(node.args), items];
  if (node.op === "rcall") yield* namesIn(node.args[1], items);
  for (const part of inner) yield* namesIn(part, own);
}

/** What a text is that a path is compared with; undefined where nothing fixes it. */
export function namedBy(steps: readonly string[], name: string): ComparedName | undefined {
  const kind = NAMED[steps.join(".")];
  if (kind) return { kind, name };
  const [of, ...rest] = steps;
  if (of !== "signal" && of !== "moment") return undefined;
  const within = rest.join(".");
  const field = OF_DELIVERY[within];
  if (field) return { kind: "delivery", of, field, name };
  return OF_STAGE_CHANGE.includes(within) ? { kind: "stage change", of, name } : undefined;
}

// --- internal ---

/** What the variables of `exists`, `filter` and their like stand for; undefined: something without a path. */
type Items = ReadonlyMap<string, readonly string[] | undefined>;

const ROOTS = ["customer", "signal", "moment", "experience", "ask"];
const MACROS = ["exists", "exists_one", "existsOne", "all", "filter", "map"];
const FUNCTIONS: Readonly<Record<string, readonly ("signal" | "channel" | undefined)[]>> = {
  count: ["signal"],
  cadence: ["signal"],
  touches: [undefined, "channel"],
};

/** Which names the values of a path are. */
const NAMED: Readonly<Record<string, FixedKind | "signal" | "promise">> = {
  "moment.name": "moment",
  "experience.id": "experience",
  "experience.department": "department",
  "experience.goal": "goal",
  "experience.serves.*": "moment",
  "signal.type": "signal",
  "customer.stage": "stage",
  "ask.channel": "channel",
  "customer.promises.*.name": "promise",
  "customer.consents.*.channel": "channel",
  "customer.consents.*.status": "consent status",
};

const OF_DELIVERY: Readonly<Record<string, "experience" | "channel" | "department">> = {
  "data.experienceId": "experience",
  "data.channel": "channel",
  "data.department": "department",
};

const OF_STAGE_CHANGE = ["data.from", "data.to"];

const isStep = ({ op }: ASTNode): boolean => op === "." || op === ".?" || op === "[]" || op === "[?]";

function* comparedIn(node: ASTNode, items: Items): Generator<ConditionName> {
  if (node.op === "==" || node.op === "!=") {
    const [left, right] = node.args as [ASTNode, ASTNode];
    yield* nameOf(pathOf(left, items), right);
    yield* nameOf(pathOf(right, items), left);
  }
  if (node.op !== "in") return;
  const [one, list] = node.args as [ASTNode, ASTNode];
  if (list.op === "list") for (const item of list.args as ASTNode[]) yield* nameOf(pathOf(one, items), item);
  yield* nameOf(itemPathOf(list, items), one);
}

function* nameOf(steps: readonly string[] | undefined, given: ASTNode): Generator<ConditionName> {
  const name = textIn(given);
  const found = steps && name !== undefined ? namedBy(steps, name) : undefined;
  if (found) yield { ...found, column: given.start };
}

function* argumentsOf(node: ASTNode): Generator<ConditionName> {
  const [called, given] = node.args as [string, ASTNode[]];
  const kinds = Object.hasOwn(FUNCTIONS, called) ? (FUNCTIONS[called] ?? []) : [];
  for (const [index, kind] of kinds.entries()) {
    const argument = given[index];
    const name = argument && textIn(argument);
    if (kind && argument && name !== undefined) yield { kind, name, column: argument.start };
  }
}

/** Names in the computed steps of a path. */
function* withinPath(node: ASTNode, items: Items): Generator<ConditionName> {
  if (!isStep(node)) {
    if (node.op === "rcall") yield* namesIn(node, items);
    return;
  }
  const [owner, step] = node.args as [ASTNode, ASTNode | string];
  if (typeof step !== "string") yield* namesIn(step, items);
  yield* withinPath(owner, items);
}

/** The path that an expression reads; undefined where it reads none. */
function pathOf(node: ASTNode, items: Items): readonly string[] | undefined {
  if (node.op === "id") return rootOf(node.args as string, items);
  if (isStep(node)) {
    const [owner, step] = node.args as [ASTNode, ASTNode | string];
    const before = pathOf(owner, items);
    return before && [...before, typeof step === "string" ? step : (textIn(step) ?? "*")];
  }
  if (node.op !== "rcall") return undefined;
  const [method, receiver] = node.args;
  return method === "filter" || method === "orValue" ? pathOf(receiver, items) : undefined;
}

const rootOf = (name: string, items: Items): readonly string[] | undefined =>
  items.has(name) ? items.get(name) : ROOTS.includes(name) ? [name] : undefined;

/** The path of the items of a list; `a.map(x, x.name)` lists what its body reads. */
function itemPathOf(list: ASTNode, items: Items): readonly string[] | undefined {
  if (list.op === "rcall" && list.args[0] === "map") {
    const [inner, own] = scopeOf(list, items);
    const body = inner.at(-1);
    return body && pathOf(body, own);
  }
  const steps = pathOf(list, items);
  return steps && [...steps, "*"];
}

const variableOf = (node: ASTNode): string | undefined => {
  const [variable] = (node.args as [string, ASTNode, ASTNode[]])[2];
  return variable?.op === "id" ? (variable.args as string) : undefined;
};

/** Arguments of a method, with what the variable of a macro stands for within them. */
function scopeOf(node: ASTNode, items: Items): readonly [readonly ASTNode[], Items] {
  const [method, receiver, given] = node.args as [string, ASTNode, ASTNode[]];
  const variable = MACROS.includes(method) ? variableOf(node) : undefined;
  if (variable === undefined) return [given, items];
  const steps = pathOf(receiver, items);
  return [given.slice(1), new Map([...items, [variable, steps && [...steps, "*"]]])];
}

/** Nodes among the arguments of a node, which may be nested in lists. */
function* partsOf(args: unknown): Generator<ASTNode> {
  if (Array.isArray(args)) for (const part of args) yield* partsOf(part);
  else if (typeof args === "object" && args !== null && "op" in args) yield args as ASTNode;
}

const textIn = ({ op, args }: ASTNode): string | undefined => (op === "value" && typeof args === "string" ? args : undefined);
