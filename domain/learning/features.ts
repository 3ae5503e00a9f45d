import { hash } from "node:crypto";
import type { Features } from "../entities/lesson.ts";
import { entryOf, isObject } from "../values/json.ts";

/** A feature as read: path and value. */
export type FeatureValue = readonly [path: string, value: unknown];

/** Further features are ignored: each one widens what has to be learned. */
const MAX_FEATURES = 32;
/** Elements of a list that count. */
const MAX_ELEMENTS = 8;

/** Reads the paths of `learning.features` from the scope of conditions (`customer`, `moment`, `signal`, `experience`). */
export function readFeatures(paths: readonly string[], scope: Readonly<Record<string, unknown>>): FeatureValue[] {
  return paths.slice(0, MAX_FEATURES).map((path) => [path, valueAt(scope, path)]);
}

/**
 * Encodes text and booleans by value, numbers by bin, lists by element. A missing value is a value of its own; a structure has one
 * code whatever it contains.
 */
export function encodeFeatures(values: readonly FeatureValue[]): Features {
  return [...new Set(values.slice(0, MAX_FEATURES).flatMap(([path, value]) => wordsOf(value).map((word) => keyOf(path, word))))];
}

/**
 * The bin of a number: three per decade (1, 2, 5, 10, …), from a thousandth to a thousand million and likewise below zero. Bins are
 * stateless, so a number means the same to every arm from its first outcome on.
 */
export function binOf(number: number): string {
  if (number === 0) return "0";
  const sign = number < 0 ? "-" : "";
  const size = Math.min(Math.max(Math.abs(number), SMALLEST), LARGEST);
  // Corrects a power of ten that rounding put into the wrong decade.
  const guess = Math.floor(Math.log10(size));
  const decade = size >= 10 ** (guess + 1) ? guess + 1 : size < 10 ** guess ? guess - 1 : guess;
  const step = STEPS.findLast((one) => size >= one * 10 ** decade) ?? 1;
  return `${sign}${step}e${decade}`;
}

// --- internal ---

const STEPS = [1, 2, 5];
const SMALLEST = 1e-3;
const LARGEST = 1e9;

function valueAt(scope: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isObject(value) ? entryOf(value, name) : undefined), scope);
}

function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [MISSING] : value.slice(0, MAX_ELEMENTS).map(wordOf);
  return [wordOf(value)];
}

const MISSING = "missing";

function wordOf(value: unknown): string {
  if (typeof value === "string") return `is ${value}`;
  if (typeof value === "boolean") return `is ${String(value)}`;
  if (typeof value === "number") return Number.isFinite(value) ? `about ${binOf(value)}` : MISSING;
  return value === null || value === undefined ? MISSING : "something";
}

/** 48 bits: with the few dozen values per arm, a collision has a probability of one in ten thousand million. */
function keyOf(path: string, word: string): string {
  const text = `${path}\n${word}`;
  const known = keys.get(text);
  if (known !== undefined) return known;
  const key = hash("sha256", text, "hex").slice(0, 12);
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(text, key);
  return key;
}

/** Keys as they were asked for last: every candidate of a decision asks for the same few. */
const keys = new Map<string, string>();
const MOST_KEYS = 4_096;
