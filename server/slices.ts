import { endOfString } from "../domain/values/json-numbers.ts";

// Splits JSON text into the texts of its parts without parsing it, so that each part can be validated on its own: one event
// that cannot be stored must not reject the others of its batch. Nothing here recurses.

/** The texts of an array's elements; undefined where the text is no array. Nested values are not examined. */
export function elementsOf(text: string): string[] | undefined {
  const parts = partsOf(text, "[", "]");
  return parts?.map(({ from, to }) => text.slice(from, to));
}

/** The texts of an object's values by name; undefined where the text is no object. Of duplicate names the last one counts. */
export function membersOf(text: string): Map<string, string> | undefined {
  const members = new Map<string, string>();
  const parts = partsOf(text, "{", "}");
  if (!parts) return undefined;
  for (const { from, to } of parts) {
    const end = text[from] === '"' ? endOfString(text, from) + 1 : from;
    const colon = skipSpace(text, end);
    if (end === from || end > to || text[colon] !== ":") return undefined;
    const name = parsedString(text.slice(from, end));
    if (name === undefined) return undefined;
    members.set(name, text.slice(colon + 1, to).trim());
  }
  return members;
}

// --- internal ---

interface Part {
  readonly from: number;
  readonly to: number;
}

/** Splits the text between the outer brackets at the commas of its level. */
function partsOf(text: string, open: string, close: string): Part[] | undefined {
  const start = skipSpace(text, 0);
  const end = text.trimEnd().length - 1;
  if (text[start] !== open || text[end] !== close || start === end) return undefined;
  const commas = commasBetween(text, start + 1, end);
  if (!commas) return undefined;
  if (commas.length === 0 && skipSpace(text, start + 1) === end) return [];
  const parts = [...commas, end].map((to, index) => ({ from: skipSpace(text, (commas[index - 1] ?? start) + 1), to }));
  return parts.every(({ from, to }) => from < to) ? parts : undefined;
}

const STEPS: Readonly<Record<string, number>> = { "[": 1, "{": 1, "]": -1, "}": -1 };

/** Positions of commas outside strings and nested brackets; undefined where brackets are unbalanced. */
function commasBetween(text: string, from: number, end: number): number[] | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let index = from; index < end; index++) {
    const sign = text[index] ?? "";
    if (sign === '"') index = endOfString(text, index);
    else depth += STEPS[sign] ?? 0;
    if (sign === "," && depth === 0) commas.push(index);
    if (depth < 0 || index >= end) return undefined;
  }
  return depth === 0 ? commas : undefined;
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && " \t\r\n".includes(text[index] ?? "x")) index++;
  return index;
}

function parsedString(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
