import type { z } from "zod";
import { ADDRESS_KINDS } from "../domain/entities/policy.ts";
import { isObject } from "../domain/values/json.ts";
import { nearest } from "../domain/values/nearest.ts";
import { parseBy } from "../domain/values/parse-by.ts";
import { type ChannelCatalogue, type ChannelDeclaration, declarationOf } from "./channel-catalogue.ts";
import { unknownKey, unknownName } from "./problem.ts";
import { flattenIssue, valueAt } from "./prune.ts";

/** A problem within a part of a file, with its path in that part. */
export interface PartProblem {
  readonly path: readonly string[];
  /** Of an empty path: the key that does not belong there. */
  readonly key?: string;
  readonly message: string;
}

/**
 * Problems of a channel in `sentient.yaml`. Each option is checked separately: a channel may lack credentials for live use, so that a
 * workspace can be checked and replayed without them.
 */
export function problemsOfChannel(given: Readonly<Record<string, unknown>>, catalogue: ChannelCatalogue): PartProblem[] {
  const channel = declarationOf(catalogue, given.kind);
  if (!channel) return [{ path: ["kind"], message: kindExpected(catalogue, given.kind) }];
  const { kind: _, address, counts, ...rest } = given;
  const { inbound, ...others } = rest;
  const options = channel.services ? others : rest;
  return [
    ...(address === undefined || (ADDRESS_KINDS as readonly unknown[]).includes(address)
      ? []
      : [{ path: ["address"], message: "expected email, phone, push or none" }]),
    ...problemsOfCounts(counts, channel),
    ...problemsOfOptions(options, channel.options, ["kind", "address", "counts", ...(channel.services ? ["inbound"] : [])]),
    ...(inbound === undefined || !channel.services ? [] : problemsOfInbound(inbound, catalogue)),
  ];
}

function problemsOfCounts(counts: unknown, { makesTask }: ChannelDeclaration): PartProblem[] {
  if (counts !== undefined && typeof counts !== "boolean") return [{ path: ["counts"], message: "expected true or false" }];
  return makesTask && counts === true ? [{ path: ["counts"], message: "a task is no touch; the contact that follows is one" }] : [];
}

/** Message with the valid values of `kind:`. */
export function kindExpected({ channels }: ChannelCatalogue, given?: unknown): string {
  const kinds = channels.map(({ kind }) => kind);
  const meant = typeof given === "string" ? nearest(given, kinds) : undefined;
  return meant === undefined ? `expected kind to be one of ${kinds.join(", ")}` : `unknown kind ${String(given)}; did you mean ${meant}?`;
}

export interface ReadContent {
  /** Without `brief` and `template`; a template's text becomes `body`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly brief?: string;
}

/**
 * Reads an experience's content for a channel.
 *
 * @param templates text by file name in `templates/`
 */
export function readContent(
  given: Readonly<Record<string, unknown>>,
  { content, text }: ChannelDeclaration,
  templates: Readonly<Record<string, string>>,
): { readonly content: ReadContent } | { readonly problems: readonly PartProblem[] } {
  const { brief, template, ...fields } = given;
  const hasBody = "body" in content.shape && text?.body?.form !== "data";
  const known = [...Object.keys(content.shape), ...(hasBody ? ["template"] : []), "brief"];
  const own = hasBody ? bodyFrom(fields, template, content, templates) : { fields };
  // Locales and variants have been spread; within one of them they are unknown.
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  const problems = [
    ...unknown.map((key) => ({ path: [], key, message: unknownKey(key, isMeantAsSpread(key) ? SPREAD : known) })),
    ...(own.problem ? [own.problem] : []),
    ...(brief === undefined || (typeof brief === "string" && brief !== "") ? [] : [{ path: ["brief"], message: briefExpected(brief) }]),
  ];
  const parsed = parseBy(content, Object.fromEntries(Object.entries(own.fields).filter(([key]) => !unknown.includes(key))));
  if (!parsed.success) problems.push(...parsed.issues.flatMap(flattenIssue).flatMap((issue) => problemsIn(issue, content)));
  if (!parsed.success || problems.length > 0) return { problems };
  return { content: { fields: parsed.data, ...(typeof brief === "string" ? { brief } : {}) } };
}

// --- internal ---

const SPREAD: readonly string[] = ["locales", "variants"];

const isMeantAsSpread = (key: string): boolean => !SPREAD.includes(key) && nearest(key, SPREAD) !== undefined;

const briefExpected = (given: unknown): string => (given === "" ? "expected text, not an empty string" : "expected text");

const TEMPLATE = /^[^/\\]+(\/[^/\\]+)*\.liquid$/;

/** The body of a content: inline, or from a template. A missing template gives an empty body, so that the other checks can run. */
function bodyFrom(
  fields: Readonly<Record<string, unknown>>,
  template: unknown,
  { shape }: z.ZodObject,
  templates: Readonly<Record<string, string>>,
): { fields: Readonly<Record<string, unknown>>; problem?: PartProblem } {
  const isRequired = !parseBy(shape.body as z.ZodType, undefined).success;
  if (isRequired && (fields.body === undefined) === (template === undefined))
    return { fields: { ...fields, body: "" }, problem: { path: [], message: "expected either body or template" } };
  if (template === undefined) return { fields };
  const body = { ...fields, body: "" };
  const path = ["template"];
  if (typeof template !== "string") return { fields: body, problem: { path, message: "expected the name of a file in templates/" } };
  if (!TEMPLATE.test(template)) return { fields: body, problem: { path, message: "expected the name of a .liquid file in templates/" } };
  const source = Object.hasOwn(templates, template) ? templates[template] : undefined;
  return source === undefined
    ? { fields: body, problem: { path, message: unknownName("template", template, Object.keys(templates)) } }
    : { fields: { ...fields, body: source } };
}

function problemsOfOptions(given: Readonly<Record<string, unknown>>, options: z.ZodObject, others: readonly string[]): PartProblem[] {
  const known = [...others, ...Object.keys(options.shape)];
  return Object.entries(given).flatMap(([key, value]): PartProblem[] => {
    if (value === undefined) return [];
    const schema = Object.hasOwn(options.shape, key) ? (options.shape[key] as z.ZodType) : undefined;
    if (!schema) return [{ path: [key], message: unknownKey(key, known) }];
    const parsed = parseBy(schema, value);
    const issues = (parsed.success ? [] : parsed.issues).flatMap(flattenIssue);
    const wrong = issues.filter((issue) => !isWhenLive(issue) && valueAt(value, pathOf(issue)) !== undefined);
    return wrong.flatMap((issue) => problemsIn(issue, schema)).map(({ path, message }) => ({ path: [key, ...path], message }));
  });
}

function problemsOfInbound(inbound: unknown, { providers }: ChannelCatalogue): PartProblem[] {
  const { provider: wanted, ...options } = isObject(inbound) ? inbound : {};
  const provider = providers.find((one) => one.provider === wanted);
  const expected = `expected provider to be one of ${providers.map((one) => one.provider).join(", ")}`;
  if (!provider) return [{ path: isObject(inbound) ? ["inbound", "provider"] : ["inbound"], message: expected }];
  return problemsOfOptions(options, provider.options, ["provider"]).map(({ path, message }) => ({ path: ["inbound", ...path], message }));
}

type Issue = z.core.$ZodIssue;

const isWhenLive = (issue: Issue): boolean => issue.code === "custom" && issue.params?.whenLive === true;

const pathOf = ({ path }: Issue): (string | number)[] => path.map((step) => (typeof step === "number" ? step : String(step)));

/** Converts an issue; an unknown key of a nested object gets a suggestion. */
function problemsIn(issue: Issue, schema: z.ZodType): PartProblem[] {
  const path = pathOf(issue).map(String);
  if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
  const known = keysAt(schema, path);
  return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }));
}

/** Keys of the object schema at a path; empty where it is no plain object. */
function keysAt(schema: z.core.$ZodType | undefined, path: readonly string[]): string[] {
  const plain = schema && unwrapped(schema);
  if (!plain) return [];
  const [step, ...rest] = path;
  return step === undefined ? Object.keys(plain.shape) : keysAt(plain.shape[step], rest);
}

function unwrapped(schema: z.core.$ZodType): z.ZodObject | undefined {
  const { def } = schema._zod;
  if ("innerType" in def) return unwrapped(def.innerType as z.core.$ZodType);
  return def.type === "object" ? (schema as z.ZodObject) : undefined;
}
