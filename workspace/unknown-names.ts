import {
  BUILT_IN_FIELDS,
  BUILT_IN_MOMENTS,
  BUILT_IN_SIGNALS,
  type BuiltInField,
  type BuiltInMoment,
  builtInSignal,
  COMMON_DATA,
  KNOWN_TRAITS,
} from "../domain/entities/built-ins.ts";
import { nearest } from "../domain/values/nearest.ts";
import { type DataName, PARTS, type Place } from "./data-names.ts";
import type { KnownData } from "./known-data.ts";
import type { Note } from "./problem.ts";

/**
 * Notes on names that neither the data of a workspace nor the built-in lists know. Where there are no signals, or no records, nothing can
 * be known about their names, and nothing is noted.
 */
export function notesOnNames(names: readonly DataName[], known: KnownData): Note[] {
  for (const name of names) if (name.kind === "set") known.sets(name.steps);
  const notes = names.flatMap((name) => {
    const message = whyUnknown(name, known);
    return message === undefined ? [] : [noteAt(name, message)];
  });
  const keys = notes.map(({ file, line, message }) => `${file}\n${line}\n${message}`);
  return notes.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

// --- internal ---

const RECORDS = "customers.jsonl, signals.jsonl and evals";
const SIGNALS = "signals.jsonl and evals";

const noteAt = ({ file, line, path }: Place, message: string): Note => ({
  file,
  ...(line === undefined ? {} : { line }),
  ...(path === undefined ? {} : { path }),
  message,
});

function whyUnknown(name: DataName, known: KnownData): string | undefined {
  switch (name.kind) {
    case "signal":
      return unknownSignal(name.name, known);
    case "promise":
      return known.promises.has(name.name)
        ? undefined
        : `unknown promise ${name.name}; neither promises nor a promise.opened in ${SIGNALS} has this name`;
    case "set":
      return undefined;
    case "part":
      return unknownPart(name);
    case "field":
      return unknownField(name.steps, known);
    case "data":
      return unknownData(name, known);
  }
}

function unknownSignal(type: string, { signals }: KnownData): string | undefined {
  const isKnown = signals.has(type) || builtInSignal(type) !== undefined;
  if (isKnown || signals.size === 0) return undefined;
  const meant = nearest(type, [...signals.keys(), ...Object.keys(BUILT_IN_SIGNALS)]);
  return `unknown signal type ${type}; ${meant === undefined ? `no signal in ${SIGNALS} has it` : `did you mean ${meant}?`}`;
}

function unknownPart({ of, name }: Extract<DataName, { kind: "part" }>): string {
  const meant = nearest(name, PARTS[of]);
  return `unknown field ${of}.${name}; ${meant === undefined ? `expected one of ${PARTS[of].join(", ")}` : `did you mean ${of}.${meant}?`}`;
}

function unknownField(steps: readonly string[], { fields }: KnownData): string | undefined {
  const [name = ""] = steps;
  const builtIn: BuiltInField | undefined = Object.hasOwn(BUILT_IN_FIELDS, name)
    ? BUILT_IN_FIELDS[name as keyof typeof BUILT_IN_FIELDS]
    : undefined;
  if (builtIn) return unknownItem(steps, builtIn);
  if (Object.hasOwn(KNOWN_TRAITS, name) || fields.isEmpty || fields.has(steps)) return undefined;
  const all = [...fields.paths(), ...[...Object.keys(BUILT_IN_FIELDS), ...Object.keys(KNOWN_TRAITS)].map((one) => [one])];
  return unknown(`field customer.${written(steps)}`, "customer", nearestPath(steps, all), `no record in ${RECORDS} has it`);
}

/** An item of `customer.consents` or `customer.promises`. */
function unknownItem([list = "", step, field]: readonly string[], { items }: BuiltInField): string | undefined {
  if (!items || step !== "*" || field === undefined || Object.hasOwn(items, field)) return undefined;
  const meant = nearest(field, Object.keys(items));
  const expected = meant === undefined ? `expected one of ${Object.keys(items).join(", ")}` : `did you mean ${meant}?`;
  return `unknown field ${field} of customer.${list}; ${expected}`;
}

function unknownData({ of, steps, openers }: Extract<DataName, { kind: "data" }>, known: KnownData): string | undefined {
  const types = openers ?? [...new Set([...known.signals.keys(), ...Object.keys(BUILT_IN_SIGNALS)])];
  if (types.length === 0) return `unknown field ${of}.data.${written(steps)}; what opens it is no signal and has no data`;
  const data = types.map((type) => dataOf(type, known));
  if (data.some((one) => (openers && one.isAnything) || one.has(steps))) return undefined;
  const meant = nearestPath(
    steps,
    data.flatMap(({ paths }) => paths),
  );
  // A signal that is only built in may carry more than the list says: only what is nearly on the list is noted.
  const isSure = openers ? data.every(({ isSeen }) => isSeen) : known.signals.size > 0;
  if (!isSure && meant === undefined) return undefined;
  const whose = openers ? ` of ${openers.join(", ")}` : "";
  return unknown(`field ${of}.data.${written(steps)}${whose}`, `${of}.data`, meant, `no signal in ${SIGNALS} has it`);
}

interface TypeData {
  has(steps: readonly string[]): boolean;
  readonly paths: readonly (readonly string[])[];
  /** There are signals of this type. */
  readonly isSeen: boolean;
  /** Nothing is known about the data of this type. */
  readonly isAnything: boolean;
}

/** What the data of a signal type, or of a built-in moment, can hold. */
function dataOf(type: string, { signals }: KnownData): TypeData {
  const moment: BuiltInMoment | undefined = Object.hasOwn(BUILT_IN_MOMENTS, type)
    ? BUILT_IN_MOMENTS[type as keyof typeof BUILT_IN_MOMENTS]
    : undefined;
  const signal = builtInSignal(type);
  const seen = signals.get(type);
  const builtIn = Object.keys(moment?.data ?? { ...COMMON_DATA, ...signal?.data });
  return {
    has: (steps) => builtIn.includes(steps[0] ?? "") || seen?.has(steps) === true,
    paths: [...builtIn.map((name) => [name]), ...(seen?.paths() ?? [])],
    isSeen: (moment !== undefined && moment.isOpen !== true) || seen !== undefined,
    isAnything: moment ? moment.isOpen === true : !seen && (signal === undefined || signal.isOpen === true),
  };
}

/** The known path that differs in one misspelt step, or else the only one that ends in the same name. */
function nearestPath(steps: readonly string[], known: readonly (readonly string[])[]): string | undefined {
  const words = known.flatMap((path) => {
    const differing = path.length === steps.length ? path.flatMap((name, index) => (name === steps[index] ? [] : [index])) : [];
    const [index = -1] = differing;
    return differing.length === 1 ? [{ path, word: path[index] ?? "", given: steps[index] ?? "" }] : [];
  });
  for (const { given } of words) {
    const meant = nearest(
      given,
      words.filter((one) => one.given === given).map(({ word }) => word),
    );
    const found = words.find((one) => one.given === given && one.word === meant);
    if (found) return written(found.path);
  }
  const sameEnd = known.filter((path) => path.at(-1) === steps.at(-1));
  return sameEnd.length === 1 ? written(sameEnd[0] ?? []) : undefined;
}

function unknown(what: string, root: string, meant: string | undefined, otherwise: string): string {
  return `unknown ${what}; ${meant === undefined ? otherwise : `did you mean ${root}.${meant}?`}`;
}

const written = (steps: readonly string[]): string => steps.join(".").replaceAll(".*", "[]");
