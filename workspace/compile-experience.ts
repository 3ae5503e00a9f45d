import type { ChannelKind, ChannelRule, Content, Conversation, ConversationTool, Experience, Route } from "../domain/entities/policy.ts";
import { mayFillIn, mustBeConfirmed, type ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { DEFAULT_QUESTION, problemsOfConversation } from "./check-conversation.ts";
import { problemsOfInput, type ToolInputs } from "./check-tool-input.ts";
import type { ContentCompiler, Draft } from "./content/content.ts";
import { unknownName } from "./problem.ts";
import { type Path, type Report, withoutUndefined } from "./report.ts";
import { ContentByKind, type ExperienceFile } from "./schema.ts";
import type { YamlFile } from "./yaml.ts";

export interface ExperienceContext {
  readonly report: Report;
  readonly channels: Readonly<Record<string, ChannelRule>>;
  readonly templates: Readonly<Record<string, string>>;
  readonly content: ContentCompiler;
  readonly inputs?: ToolInputs | undefined;
}

/** Compiles one experience: its criteria, its contexts, and the text of every channel. */
export function compileExperience(value: ExperienceFile, yaml: YamlFile, context: ExperienceContext): Experience {
  const { report } = context;
  checkReferences(value, yaml, report);
  const { id, department, goal, judge, limits, success, promise } = value;
  const action = compileAction(value, yaml, context);
  const converse = compileConversation(value, yaml, context);
  return {
    id,
    name: value.name ?? id,
    status: value.status,
    serves: value.serves,
    eligibility: report.criteria(value.eligibility, yaml, ["eligibility"]),
    applicability: report.criteria(value.applicability, yaml, ["applicability"]),
    suitability: report.criteria(value.suitability, yaml, ["suitability"]),
    value: value.value,
    lever: value.levers.weight,
    context: value.context.map(({ when, weight }, index) => ({ when: report.condition(when, yaml, ["context", index, "when"]), weight })),
    transactional: value.transactional,
    routes: Object.entries(value.channels).flatMap(([channel, given]) => compileRoute(channel, given, yaml, context) ?? []),
    ...withoutUndefined({ department, goal, judge, promise, action, converse }),
    ...(limits ? { limits: withoutUndefined(limits) } : {}),
    ...(success ? { success: { signals: success.signal, within: success.within, reward: success.reward } } : {}),
  };
}

// --- internal ---

function checkReferences({ department, serves, goal, action }: ExperienceFile, yaml: YamlFile, report: Report): void {
  if (department !== undefined) report.known("department", department, yaml, ["department"]);
  if (goal !== undefined) report.known("goal", goal, yaml, ["goal"]);
  for (const [index, name] of serves.entries()) report.known("moment", name, yaml, ["serves", index]);
  if (action) report.known("tool", action.tool, yaml, ["action", "tool"]);
}

function compileAction({ action }: ExperienceFile, yaml: YamlFile, context: ExperienceContext): Experience["action"] {
  if (!action) return undefined;
  checkInput(action.tool, action.input as JsonObject, { yaml, path: ["action", "input"] }, context);
  const draft: Draft = { path: "action.input", source: action.input as Json, isHtml: false, isTyped: true };
  const input = compileContent([draft], yaml, [], context);
  return input && { tool: action.tool, input };
}

interface InputPlace {
  readonly yaml: YamlFile;
  readonly path: Path;
  readonly asked?: readonly string[];
}

function checkInput(tool: string, input: JsonObject, { yaml, path, asked }: InputPlace, { inputs, report }: ExperienceContext): void {
  const schema = inputs?.get(tool)?.input;
  for (const wrong of schema ? problemsOfInput(tool, input, schema, asked) : [])
    report.problem(yaml, [...path, ...wrong.path], wrong.problem);
}

/** Customers fill in what the tool says they may, and nothing else. */
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

function compileConversation(value: ExperienceFile, yaml: YamlFile, context: ExperienceContext): Conversation | undefined {
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
    const content = compileContent([{ path: "with", source: fixed as Json, isHtml: false, isTyped: true }], yaml, path, context);
    const question = confirm === undefined && mustBeConfirmed(declared) ? DEFAULT_QUESTION : confirm;
    const confirmed = typeof question === "string" ? { confirm: question } : {};
    return content ? [{ name, tool, fixed: content, asks, ...withoutUndefined({ about, once }), ...confirmed }] : [];
  });
  const handedOver = { opensCase: handOver.case, ...withoutUndefined({ queue: handOver.queue }) };
  return { brief, settle, without, handOver: handedOver, tools: compiled, ...withoutUndefined({ introduces }) };
}

function compileRoute(channel: string, given: Record<string, unknown>, yaml: YamlFile, context: ExperienceContext): Route | undefined {
  const path: Path = ["channels", channel];
  const { report, channels } = context;
  const rule = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (!rule) {
    // One that is declared with a mistake has been told about already.
    const declared = report.names("channel");
    if (!declared.includes(channel)) report.problem(yaml, path, unknownName("channel", channel, declared));
    return undefined;
  }
  const fields = readFields(rule.kind, given, yaml, path, report);
  if (!fields) return undefined;
  const { brief, template, ...texts } = fields;
  const drafts = Object.entries(texts).flatMap(([field, source]) => (source === undefined ? [] : [draftOf(rule.kind, field, source)]));
  if (typeof template === "string") drafts.push(...templateDraft(rule.kind, template, yaml, [...path, "template"], context));
  const content = compileContent(drafts, yaml, path, context);
  return content && { channel, content, ...(typeof brief === "string" ? { brief } : {}) };
}

type Fields = Readonly<Record<string, Json | undefined>>;

function readFields(kind: ChannelKind, given: Record<string, unknown>, yaml: YamlFile, path: Path, report: Report): Fields | undefined {
  const parsed = ContentByKind[kind].safeParse(given);
  if (parsed.success) return parsed.data as Fields;
  for (const issue of parsed.error.issues) {
    for (const message of issue.message.split("\n")) report.problem(yaml, [...path, ...issue.path.map(String)], message);
  }
  return undefined;
}

function templateDraft(kind: ChannelKind, template: string, yaml: YamlFile, path: Path, { templates, report }: ExperienceContext): Draft[] {
  const source = templates[template];
  if (source !== undefined) return [draftOf(kind, "body", source)];
  report.known("template", template, yaml, path);
  return [];
}

function compileContent(drafts: readonly Draft[], yaml: YamlFile, path: Path, { content, report }: ExperienceContext): Content | undefined {
  const compiled = content.compile(drafts);
  if (compiled.ok) return compiled.content;
  for (const { path: field, problem } of compiled.problems) report.problem(yaml, [...path, ...field.split(".")], problem);
  return undefined;
}

/** Mail bodies are HTML; subjects, titles and links are one line; payloads are data, whose values keep their types; everything else is plain. */
function draftOf(kind: ChannelKind, field: string, source: Json): Draft {
  const isHtml = field === "body" && (kind === "smtp" || kind === "file");
  const isLine = field === "subject" || field === "title" || field === "url";
  return { path: field, source, isHtml, isLine, isTyped: field === "payload" };
}
