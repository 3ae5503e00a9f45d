import type { ASTNode } from "@marcbachmann/cel-js";
import type { Need, Scope } from "../../domain/values/condition.ts";
import { childrenOf, customerPaths, type Faulty, type FaultyPart, namesOf, partsOf } from "../condition-faults.ts";
import { isPresence, partInWords } from "./parts.ts";
import type { Read, Wording } from "./wording.ts";

/** The changes that together make a condition what is wanted, in words; undefined where a part has none. */
export function needsIn(faulty: Faulty, read: Read, { doubtsAbout }: Pick<Scope, "doubtsAbout">): Need[] | undefined {
  const word = (part: FaultyPart): Wording | undefined => {
    const wording = partInWords(part, read);
    const doubt = doubtsAbout && customerPaths(part.node).flatMap(doubtsAbout)[0];
    return wording && doubt ? { ...wording, today: `it ${doubt.why}` } : wording;
  };
  return needsOf(faulty, word);
}

// --- internal ---

type Word = (part: FaultyPart) => Wording | undefined;

function needsOf(faulty: Faulty, word: Word): Need[] | undefined {
  const group = "node" in faulty ? { either: false, parts: [faulty] } : faulty;
  const parts = withoutPresence(flattened(group.parts, group.either));
  if (group.either && parts.length > 1) return eitherOf(parts, word);
  const wordings = allOrNone(parts.flatMap((part) => ("node" in part ? [word(part)] : [])));
  const needs = allOrNone(parts.flatMap((part) => ("node" in part ? [] : [needsOf(part, word)])));
  if (!wordings || !needs) return undefined;
  const all = [...together(wordings), ...needs.flat()];
  return all.length === 0 ? undefined : all;
}

/** Undefined where one is missing: a part of the changes alone would change nothing. */
function allOrNone<T>(given: readonly (T | undefined)[]): T[] | undefined {
  const known = given.flatMap((one) => (one === undefined ? [] : [one]));
  return known.length === given.length ? known : undefined;
}

/** Alternatives as one need; what holds instead is told once where it is the same for all. */
function eitherOf(parts: readonly Faulty[], word: Word): Need[] | undefined {
  const branches = allOrNone(parts.map((part) => needsOf(part, word)));
  if (!branches) return undefined;
  const todays = new Set(branches.flat().map(({ today }) => today));
  const [today] = todays;
  const isShared = todays.size === 1 && today !== undefined;
  const texts = branches.map((needs) => needs.map((need) => (isShared ? need.wanted : needInWords(need))).join(" and "));
  return [{ wanted: [...new Set(texts)].join(", or "), ...(isShared ? { today } : {}) }];
}

const needInWords = ({ wanted, today }: Need): string => (today === undefined ? wanted : `${wanted} (${today})`);

/** Groups of the same kind inside a group are part of it. */
const flattened = (parts: readonly Faulty[], either: boolean): Faulty[] =>
  parts.flatMap((part) => ("node" in part || part.either !== either ? part : flattened(part.parts, either)));

/** `has(x)` beside another part that reads `x` is the same fault. */
const withoutPresence = (parts: readonly Faulty[]): Faulty[] =>
  parts.filter((part) => {
    const names = "node" in part && isPresence(part.node) ? namesOf(part.node.args[1][0] as ASTNode) : undefined;
    if (!names) return true;
    return !parts.some((other) => other !== part && partsOf(other).some(({ node }) => !isPresence(node) && reads(node, names)));
  });

function reads(node: ASTNode, names: readonly string[]): boolean {
  const read = namesOf(node);
  return read
    ? read.length === names.length && names.every((name, place) => name === read[place])
    : childrenOf(node).some((one) => reads(one, names));
}

/** Two asks of one subject become one: `a lease end more than 0 days and at most 60 days away`. */
function together(wordings: readonly Wording[]): Need[] {
  const bySubject = new Map<string, { subject: string; asks: string[]; today: string }>();
  for (const { subject, ask, today } of wordings) {
    const key = JSON.stringify([subject, today]);
    const known = bySubject.get(key) ?? { subject, asks: [], today };
    if (!known.asks.includes(ask)) known.asks.push(ask);
    bySubject.set(key, known);
  }
  return [...bySubject.values()].map(({ subject, asks, today }) => ({
    wanted: [subject, asks.filter((ask) => ask !== "").join(" and ")].filter((part) => part !== "").join(" "),
    today,
  }));
}
