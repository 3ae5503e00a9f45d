import type { z } from "zod";
import type { ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import { isObject, type JsonObject } from "../domain/values/json.ts";
import { placeAt, splitPath } from "../domain/values/path.ts";
import { unknownName } from "./problem.ts";
import type { Path } from "./report.ts";

/** Declarations and input schemas of the tools available to experiences, by name. */
export type ToolInputs = ReadonlyMap<string, ToolDeclaration & { readonly input?: z.ZodType }>;

interface Wrong {
  readonly path: Path;
  readonly problem: string;
}

/**
 * Problems in an author's input for a tool, with their paths. Values known only at run time, because a template renders them or a
 * customer provides them (`asked`, by path), are skipped.
 */
export function problemsOfInput(tool: string, given: JsonObject, schema: z.ZodType, asked: readonly string[] = []): Wrong[] {
  const input = structuredClone(given) as JsonObject;
  for (const path of asked) placeAt(input, splitPath(path), "");
  const open = [...rendered(given), ...asked.map(splitPath)];
  const issues = issuesOf(schema, input);
  const hasUnknown = issues.some(({ code }) => code === "unrecognized_keys");
  return issues.flatMap((issue): Wrong[] => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(tool, [...path, key], schema));
    // Rules over several keys make sense only once all keys are known.
    if (hasUnknown && issue.code === "custom") return [];
    if (open.some((one) => isWithin(one, path) || isWithin(path, one))) return [];
    return [{ path, problem: inWords(tool, issue.message.replace(/^Invalid input: /, "")) }];
  });
}

// --- internal ---

const NOTHING = ", received undefined";

const inWords = (tool: string, message: string): string =>
  message.endsWith(NOTHING) ? `missing for ${tool}: ${message.slice(0, -NOTHING.length)}` : `invalid for ${tool}: ${message}`;

/** A schema with asynchronous checks reports nothing before run time. */
function issuesOf(schema: z.ZodType, input: JsonObject): readonly z.core.$ZodIssue[] {
  try {
    return schema.safeParse(input).error?.issues ?? [];
  } catch {
    return [];
  }
}

function unknownKey(tool: string, path: Path, schema: z.ZodType): Wrong {
  const shape: unknown = "shape" in schema && path.length === 1 ? schema.shape : {};
  const known = isObject(shape) ? Object.keys(shape) : [];
  const key = String(path.at(-1));
  return { path, problem: known.length > 0 ? `${tool}: ${unknownName("key", key, known)}` : `${tool} does not take ${key}` };
}

/** Paths of texts that are rendered before the call. */
function* rendered(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value === "string" && /\{[{%]/.test(value)) yield path;
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* rendered(item, [...path, index]);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* rendered(item, [...path, key]);
}

const isWithin = (inner: Path, outer: Path): boolean => outer.every((part, index) => String(inner[index]) === String(part));
