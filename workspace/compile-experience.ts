import { DEFAULT_LOCALE } from "../domain/deciding/locale.ts";
import { ANSWER_ACTIONS, ASKING } from "../domain/entities/ask.ts";
import type {
  ChannelRule,
  Content,
  ContentField,
  Conversation,
  ConversationTool,
  Experience,
  PromiseRule,
  Route,
} from "../domain/entities/policy.ts";
import { type Ceilings, mayFillIn, mustBeConfirmed, type ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import { need } from "../domain/errors.ts";
import { patchesOf } from "../domain/record/patch.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { tagForm } from "../domain/values/language-tag.ts";
import { splitPath } from "../domain/values/path.ts";
import { compileCanary } from "./canaries/compile-canary.ts";
import { type ChannelCatalogue, type ChannelDeclaration, declarationOf } from "./channel-catalogue.ts";
import { readContent } from "./check-channel.ts";
import { DEFAULT_QUESTION, problemsOfConversation } from "./check-conversation.ts";
import { problemsOfInput, type ToolInputs } from "./check-tool-input.ts";
import { withStage } from "./compile-stages.ts";
import type { ContentCompiler, Draft, PlacedRead } from "./content/content.ts";
import { outlineOf } from "./content/outline.ts";
import type { Place, ReadFrom } from "./data-names.ts";
import { unknownName } from "./problem.ts";
import { type Path, placeIn, type Report, withoutUndefined } from "./report.ts";
import type { ExperienceFile } from "./schema.ts";
import { type ContentLanguages, languagesOf } from "./variants/languages.ts";
import { spreadContent, type WrittenContent } from "./variants/spread-content.ts";
import type { YamlFile } from "./yaml.ts";

export interface ExperienceContext {
  readonly report: Report;
  readonly channels: Readonly<Record<string, ChannelRule>>;
  readonly catalogue: ChannelCatalogue;
  readonly templates: Readonly<Record<string, string>>;
  readonly content: ContentCompiler;
  readonly inputs?: ToolInputs | undefined;
  /** Of the workspace's governance: inputs that are written out keep to them. */
  readonly ceilings: Ceilings;
  /** Signal types that open each moment, by its name; a built-in moment stands for itself. */
  readonly openers: Readonly<Record<string, readonly string[]>>;
  /** The promises of the workspace, with the built-in one. */
  readonly promises: readonly PromiseRule[];
  /** Whether `customer.stage` is a built-in field. */
  readonly hasStages: boolean;
  /** Languages of the brand, as tags. */
  readonly languages: readonly string[];
}

/** Compiles one experience: criteria, contexts, and the content of every channel. */
export function compileExperience(value: ExperienceFile, yaml: YamlFile, given: ExperienceContext): Experience {
  const from = { moment: openersFor(value.serves, given) };
  const context = { ...given, from };
  const { report } = context;
  checkReferences(value, yaml, report);
  checkAnswers(value, yaml, context);
  const { id, department, goal, judge, limits, success } = value;
  const promise = compilePromise(value, yaml, context);
  const action = compileAction(value, yaml, context);
  const converse = compileConversation(value, yaml, context);
  return {
    id,
    name: value.name ?? id,
    status: value.status,
    serves: value.serves,
    eligibility: report.criteria(value.eligibility, yaml, ["eligibility"], from),
    applicability: report.criteria(value.applicability, yaml, ["applicability"], from),
    suitability: report.criteria(value.suitability, yaml, ["suitability"], from),
    value: value.value,
    lever: value.levers.weight,
    context: value.context.map(({ when, weight }, index) => ({
      when: report.condition(when, yaml, ["context", index, "when"], from),
      weight,
    })),
    outside: value.transactional,
    routes: Object.entries(value.channels).flatMap(([channel, given]) => compileRoutes(channel, given, yaml, context)),
    ...withoutUndefined({ department, goal, judge, promise, action, converse, canary: compileCanary(value, yaml, report) }),
    ...(Object.keys(value.channels).every((channel) => isAsked(channel, context)) ? { isOnlyAsked: true as const } : {}),
    ...(limits ? { limits: withoutUndefined(limits) } : {}),
    ...(success ? { success: compileSuccess(success, yaml, report) } : {}),
    source: sourceOf(yaml, Object.keys(value.channels), context),
  };
}

// --- internal ---

/** The content of each channel as its author wrote it; the text of a template stands under `body`. */
function sourceOf({ file, written }: YamlFile, channels: readonly string[], { templates }: OwnContext): Experience["source"] {
  const given = isObject(written) && isObject(written.channels) ? (written.channels as JsonObject) : {};
  const contents = channels.map((channel): [string, JsonObject] => [channel, withBodies(given[channel], templates)]);
  return { file, contents: Object.fromEntries(contents) };
}

/** A content with the text of its template, and likewise that of its variants and locales. */
function withBodies(content: Json | undefined, templates: OwnContext["templates"]): JsonObject {
  if (!isObject(content)) return {};
  const { template, locales, variants } = content as JsonObject;
  const body = typeof template === "string" && Object.hasOwn(templates, template) ? templates[template] : undefined;
  const each = (given: Json | undefined) =>
    isObject(given)
      ? Object.fromEntries(Object.entries(given).map(([name, one]) => [name, withBodies(one as Json, templates)]))
      : undefined;
  return { ...(content as JsonObject), ...withoutUndefined({ body, locales: each(locales), variants: each(variants) }) };
}

/** The context of one experience. */
interface OwnContext extends ExperienceContext {
  readonly from: ReadFrom;
}

/** What may have opened the moments of an experience; undefined while one of them is not declared. */
function openersFor(serves: readonly string[], { openers }: ExperienceContext): readonly string[] | undefined {
  const known = serves.map((name) => (Object.hasOwn(openers, name) ? openers[name] : undefined));
  return known.includes(undefined) ? undefined : known.flatMap((types) => types ?? []);
}

function checkReferences({ department, serves, goal, action, success }: ExperienceFile, yaml: YamlFile, report: Report): void {
  if (department !== undefined) report.known("department", department, yaml, ["department"]);
  if (goal !== undefined) report.known("goal", goal, yaml, ["goal"]);
  report.signals(success?.signal ?? [], yaml, ["success", "signal"]);
  for (const [index, name] of serves.entries()) report.known("moment", name, yaml, ["serves", index]);
  if (action) report.known("tool", action.tool, yaml, ["action", "tool"]);
}

const isAsked = (channel: string, { channels }: ExperienceContext): boolean =>
  Object.hasOwn(channels, channel) && channels[channel]?.pull !== undefined;

/** What an answer cannot wait for: other tools, and conversations. */
function checkAnswers({ channels, action, converse, serves }: ExperienceFile, yaml: YamlFile, context: ExperienceContext): void {
  const { report } = context;
  const asked = Object.keys(channels).find((channel) => isAsked(channel, context));
  if (asked === undefined) {
    if (serves.every((name) => name === ASKING))
      report.problem(yaml, ["serves"], `${ASKING} is open only while a channel is asked, and no channel here is of kind pull`);
    return;
  }
  if (action && !ANSWER_ACTIONS.includes(action.tool))
    report.problem(
      yaml,
      ["action", "tool"],
      `${asked} is asked and its answer waits for nothing else; expected one of ${ANSWER_ACTIONS.join(", ")}`,
    );
  if (converse) report.problem(yaml, ["converse"], `${asked} is asked, and nobody writes there; expected channels that send`);
}

function compileSuccess(
  { signal, when, within, reward }: NonNullable<ExperienceFile["success"]>,
  yaml: YamlFile,
  report: Report,
): NonNullable<Experience["success"]> {
  const condition = when === undefined ? {} : { when: report.condition(when, yaml, ["success", "when"], { signal }) };
  return { signals: signal, within, reward, ...condition };
}

/** `due` and `owner` come from the workspace's promise of that name where the experience gives none. */
function compilePromise({ promise }: ExperienceFile, yaml: YamlFile, { promises, report }: OwnContext): Experience["promise"] {
  if (!promise) return undefined;
  const { name } = promise;
  const declared = promises.find((rule) => rule.name === name);
  const { due = declared?.due, owner = declared?.owner } = promise;
  const otherwise = `or a promise ${name} under promises in sentient.yaml`;
  if (due === undefined) report.problem(yaml, ["promise", "due"], `expected a duration like 7d, ${otherwise}`);
  if (owner === undefined) report.problem(yaml, ["promise", "owner"], `expected the department or team that owes it, ${otherwise}`);
  return due === undefined || owner === undefined ? undefined : { name, due, owner };
}

function compileAction({ action }: ExperienceFile, yaml: YamlFile, context: OwnContext): Experience["action"] {
  if (!action) return undefined;
  checkInput(action.tool, action.input as JsonObject, { yaml, path: ["action", "input"] }, context);
  const draft: Draft = { path: "action.input", source: action.input as Json, isHtml: false, isTyped: true };
  const input = compileContent([draft], within(yaml, []), context);
  return input && { tool: action.tool, input };
}

interface InputPlace {
  readonly yaml: YamlFile;
  readonly path: Path;
  readonly asked?: readonly string[];
}

function checkInput(
  tool: string,
  input: JsonObject,
  { yaml, path, asked }: InputPlace,
  { inputs, ceilings, report }: ExperienceContext,
): void {
  const { input: schema, aboveCeiling } = inputs?.get(tool) ?? {};
  if (tool === "update_traits") for (const steps of traitsSet(input, asked)) report.sets(steps, yaml, path);
  for (const wrong of schema ? problemsOfInput(tool, input, schema, asked) : [])
    report.problem(yaml, [...path, ...wrong.path], wrong.problem);
  const above = aboveCeiling?.(input, ceilings);
  if (above) report.problem(yaml, [...path, above.at], above.why);
}

/** Paths of the traits that the tool `update_traits` sets. */
function* traitsSet({ traits }: JsonObject, asked: readonly string[] = []): Generator<readonly string[]> {
  if (isObject(traits)) for (const { path } of patchesOf(traits)) yield splitPath(path);
  for (const path of asked) if (path.startsWith("traits.")) yield splitPath(path).slice(1);
}

/** Customers may fill in only the fields that the tool opens. */
function checkAsked(
  tool: string,
  asks: Readonly<Record<string, string>>,
  declared: ToolDeclaration,
  { yaml, path }: InputPlace,
  report: Report,
): void {
  if (!report.names("tool").includes(tool)) return;
  const how = declared.asks === undefined ? `; ${tool} names in its own asks what a customer may fill in` : "";
  for (const asked of Object.keys(asks)) {
    if (!mayFillIn(declared, asked))
      report.problem(yaml, [...path, asked], `${asked} of ${tool} is fixed under with, and never asked${how}`);
  }
}

function compileConversation(value: ExperienceFile, yaml: YamlFile, context: OwnContext): Conversation | undefined {
  if (!value.converse) return undefined;
  const { brief, introduces, settle, without, handOver, tools } = value.converse;
  const { report } = context;
  for (const problem of problemsOfConversation(value, context.channels)) report.problem(yaml, ["converse"], problem);
  const compiled = Object.entries(tools).flatMap(([name, { tool = name, about, with: fixed, asks, once, confirm }]): ConversationTool[] => {
    const path = ["converse", "tools", name];
    report.known("tool", tool, yaml, path);
    const declared = context.inputs?.get(tool) ?? {};
    checkAsked(tool, asks, declared, { yaml, path: [...path, "asks"] }, report);
    checkInput(tool, fixed as JsonObject, { yaml, path: [...path, "with"], asked: Object.keys(asks) }, context);
    const content = compileContent([{ path: "with", source: fixed as Json, isHtml: false, isTyped: true }], within(yaml, path), context);
    const question = confirm === undefined && mustBeConfirmed(declared) ? DEFAULT_QUESTION : confirm;
    const confirmed = typeof question === "string" ? { confirm: question } : {};
    return content ? [{ name, tool, fixed: content, asks, ...withoutUndefined({ about, once }), ...confirmed }] : [];
  });
  const handedOver = { opensCase: handOver.case, ...withoutUndefined({ queue: handOver.queue }) };
  return { brief, settle, without, handOver: handedOver, tools: compiled, ...withoutUndefined({ introduces }) };
}

/** The routes of a channel: one for each of its variants, which holds those in other languages. */
function compileRoutes(channel: string, given: Record<string, unknown>, yaml: YamlFile, context: OwnContext): Route[] {
  const path: Path = ["channels", channel];
  const { report, channels, catalogue } = context;
  const rule = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (!rule) {
    // A channel with a faulty declaration has been reported already.
    const declared = report.names("channel");
    if (!declared.includes(channel)) report.problem(yaml, path, unknownName("channel", channel, declared));
    return [];
  }
  const declared = need(declarationOf(catalogue, rule.kind), `the declaration of ${rule.kind}`);
  const { contents, problems } = spreadContent(given, path);
  for (const { path: place, message } of problems) report.problem(yaml, place, message);
  const languages = languagesOf(contents, context.languages);
  const seen = new Set<string>();
  const routes = contents.flatMap((written) => compileRoute(written, { rule, declared, languages, seen, yaml }, context) ?? []);
  return routes.flatMap((route): Route[] => {
    if (route.locale !== undefined && route.locale !== DEFAULT_LOCALE) return [];
    const others = routes.filter(({ variant, locale }) => variant === route.variant && locale !== route.locale);
    const locales = new Map(others.map((other) => [tagForm(other.locale ?? ""), other]));
    return [locales.size === 0 ? route : { ...route, locales }];
  });
}

interface RouteContext {
  readonly rule: ChannelRule;
  readonly declared: ChannelDeclaration;
  readonly languages: ContentLanguages;
  /** Problems that have been told: several contents share what stands beside them. */
  readonly seen: Set<string>;
  readonly yaml: YamlFile;
}

function compileRoute(written: WrittenContent, routes: RouteContext, context: OwnContext): Route | undefined {
  const { rule, declared, languages, seen, yaml } = routes;
  const { report, templates } = context;
  const { given, variant, placeOf } = written;
  const tell = (place: Path, message: string): void => {
    const key = JSON.stringify([place, message]);
    if (!seen.has(key)) report.problem(yaml, place, message);
    seen.add(key);
  };
  const read = readContent(given, declared, templates);
  if ("problems" in read) {
    for (const { path, key, message } of read.problems) tell(placeOfProblem(path, key, placeOf), message);
    return undefined;
  }
  const { fields, brief } = read.content;
  const places = rule.pull
    ? placesOf(fields, rule.pull.places, (place, message) => tell([...placeOf("places"), place], message))
    : undefined;
  const from = typeof given.template === "string" ? { template: given.template } : {};
  recordBodies(fields, routes, written, context);
  const drafts = Object.entries(fields).flatMap(([field, source]) =>
    source === undefined || (rule.pull && field === "places")
      ? []
      : [{ ...draftOf(field, source as Json, rule.text[field]), ...(field === "body" ? from : {}) }],
  );
  const language = written.locale ?? languages.ofDefault(variant);
  const content = compileContent(drafts, { yaml, placeOf, tell, language }, context);
  const { queue } = fields;
  return (
    content && {
      channel: rule.name,
      content: rule.pull ? objectAlone(content) : content,
      ...withoutUndefined({ variant, brief, places }),
      ...(languages.isWrittenInSeveral(variant) ? { locale: written.locale ?? DEFAULT_LOCALE, ...withoutUndefined({ language }) } : {}),
      ...(rule.makesTask && typeof queue === "string" ? { queue } : {}),
    }
  );
}

/** The places that a content is for; undefined: all of the channel. */
function placesOf(
  { places }: Readonly<Record<string, unknown>>,
  known: readonly string[],
  tell: (place: number, message: string) => void,
): readonly string[] | undefined {
  if (!Array.isArray(places)) return undefined;
  for (const [index, place] of (places as string[]).entries()) if (!known.includes(place)) tell(index, unknownName("place", place, known));
  return places as string[];
}

/** What an ask is given is the JSON object itself. */
const objectAlone = (content: Content): Content => ({
  ...content,
  render: (scope) => content.render(scope).content as Record<string, Json>,
});

const placeOfProblem = ([first, ...rest]: readonly string[], key: string | undefined, placeOf: WrittenContent["placeOf"]): Path => {
  if (first !== undefined) return [...placeOf(first), ...rest];
  return key === undefined ? placeOf() : placeOf(key).slice(0, -1);
};

/** Records texts in HTML for the checks of their channel. */
function recordBodies(
  fields: Readonly<Record<string, unknown>>,
  { rule: { kind, text }, yaml, seen }: RouteContext,
  { given, placeOf }: WrittenContent,
  { report, templates }: OwnContext,
): void {
  for (const [field, source] of Object.entries(fields)) {
    if (typeof source !== "string" || text[field]?.form !== "html") continue;
    const template = field === "body" && typeof given.template === "string" ? { template: given.template } : {};
    const place = { ...placeIn(yaml, placeOf(field)), ...template };
    const key = JSON.stringify(place);
    if (seen.has(key)) continue;
    seen.add(key);
    report.bodies.push({ kind, ...place, isBlock: source.includes("\n"), outline: (holds) => outlineOf(source, templates, holds) });
  }
}

/** Where the fields of a content are written, and how problems are told. */
interface ContentPlace {
  readonly yaml: YamlFile;
  placeOf(field: string): Path;
  tell?(place: Path, message: string): void;
  /** Language of the texts, a tag. */
  readonly language?: string | undefined;
}

const within = (yaml: YamlFile, path: Path): ContentPlace => ({ yaml, placeOf: (field) => [...path, field] });

function compileContent(drafts: readonly Draft[], place: ContentPlace, context: OwnContext): Content | undefined {
  const { content, report, from, hasStages } = context;
  const { yaml, placeOf, language, tell = (path, message) => report.problem(yaml, path, message) } = place;
  const compiled = content.compile(drafts, language);
  const pathOf = (field: string): Path => {
    const [first = "", ...rest] = field.split(".");
    return [...placeOf(first), ...rest];
  };
  const placed = ({ path: field, template, row }: PlacedRead): Place =>
    template === undefined ? placeIn(yaml, pathOf(field)) : { file: `templates/${template}`, line: row };
  for (const read of compiled.reads) report.read(stepsOf(read), placed(read), from);
  for (const one of compiled.compared) report.compared(stepsOf(one), one.word, placed(one), from);
  if (compiled.ok) return hasStages ? withStage(compiled.content) : compiled.content;
  for (const { path: field, problem } of compiled.problems) tell(pathOf(field), problem);
  return undefined;
}

const stepsOf = ({ names }: PlacedRead): string[] => names.map((name) => (typeof name === "string" ? name : "*"));

const draftOf = (field: string, source: Json, { form = "plain", alphabet }: ContentField = {}): Draft => ({
  path: field,
  source,
  isHtml: form === "html",
  isLine: form === "line",
  hasPlainSpaces: alphabet === "gsm7",
  isTyped: form === "data",
});
