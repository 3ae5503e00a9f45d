import type { Condition, Criterion } from "../domain/condition.ts";
import { isObject, type Json } from "../domain/json.ts";
import { FACT_CORRECTED } from "../domain/moments.ts";
import type {
  AddressType,
  ChannelKind,
  ChannelRule,
  Experience,
  MomentRule,
  Policy,
  PromiseRule,
  Route,
  Suppression,
} from "../domain/policy.ts";
import { REPLY } from "../domain/promises.ts";
import { DAY, HOUR, parseDuration } from "../domain/time.ts";
import { type Compiled, compileCondition, compileNumber } from "./conditions.ts";
import type { ContentCompiler, Draft } from "./content.ts";
import { type Problem, unknownName } from "./problem.ts";
import { ContentByKind, type ExperienceFile, type WorkspaceFile } from "./schema.ts";
import type { YamlFile } from "./yaml.ts";

export interface Parsed<T> {
  readonly yaml: YamlFile;
  readonly value: T;
}

export interface CompileInput {
  readonly workspace: Parsed<WorkspaceFile>;
  readonly experiences: readonly Parsed<ExperienceFile>[];
  readonly content: ContentCompiler;
  readonly templates: Readonly<Record<string, string>>;
  readonly tools: readonly string[];
  readonly version: string;
}

/** Checks what refers to what, compiles every condition and text once, and makes the policy. All problems at once. */
export function compileWorkspace(input: CompileInput): { policy: Policy; problems: readonly Problem[] } {
  const compiler = new WorkspaceCompiler(input);
  const policy = compiler.policy();
  return { policy, problems: compiler.problems };
}

// --- internal ---

type Path = readonly (string | number)[];

/** Channel names that policies may speak of without declaring them: human contacts, and what most companies have. */
const COMMON_CHANNELS = ["email", "sms", "push", "call", "chat", "visit"];

const KIND_ADDRESS: Partial<Record<ChannelKind, AddressType>> = { smtp: "email", twilio: "phone", push: "push" };
const NAME_ADDRESS: Readonly<Record<string, AddressType>> = { email: "email", sms: "phone", call: "phone", push: "push" };

class WorkspaceCompiler {
  readonly problems: Problem[] = [];
  private readonly counted: Record<string, number> = {};
  private touchWindow = 0;
  private readonly input: CompileInput;

  constructor(input: CompileInput) {
    this.input = input;
  }

  policy(): Policy {
    const { yaml, value } = this.input.workspace;
    const { governance, record, learning } = value;
    const channels = this.channels();
    const moments = this.moments();
    const promises = this.promises();
    this.checkNames();
    const suppress = governance.suppress.flatMap((rule, index) => this.suppression(rule, ["governance", "suppress", index]));
    const approval = this.criteria(governance.approval, yaml, ["governance", "approval"]);
    const experiences = this.experiences(channels);
    return {
      name: value.name,
      version: this.input.version,
      timezone: value.timezone,
      departments: value.departments,
      goals: Object.fromEntries(Object.entries(value.goals).map(([goal, { weight }]) => [goal, weight])),
      record: { sources: record.sources, fields: defined(record.fields), ...(record.mergeFrom ? { mergeFrom: record.mergeFrom } : {}) },
      moments,
      promises,
      channels,
      governance: {
        review: governance.review,
        minPropensity: governance.minPropensity,
        caps: governance.caps.map(withoutUndefined),
        quietHours: governance.quietHours.map(withoutUndefined),
        suppress,
        approval,
        holdout: governance.holdout,
      },
      learning,
      experiences,
      counted: this.counted,
      // A calendar day or week can be an hour longer than it sounds, when clocks change.
      touchWindow: Math.max(this.touchWindow, ...governance.caps.map(({ window }) => window + 2 * HOUR)),
      listens: listenerOf(moments, promises, suppress, experiences),
    };
  }

  private problem(yaml: YamlFile, path: Path, message: string): void {
    const place = yaml.original?.(path) ?? path;
    this.problems.push({ file: yaml.file, line: yaml.lineOf(place), path: place.join("."), message });
  }

  private condition(text: string, yaml: YamlFile, path: Path): Condition {
    return this.take(compileCondition(text), text, yaml, path) ?? { text, ask: () => ({ outcome: "unmet" }) };
  }

  private take<T>(compiled: Compiled<T>, text: string, yaml: YamlFile, path: Path): T | undefined {
    if (!compiled.ok) {
      this.problem(yaml, path, `${compiled.problem} at column ${compiled.column + 1} of: ${text}`);
      return undefined;
    }
    for (const { type, windowMs } of compiled.windows) {
      if (type === undefined) this.touchWindow = Math.max(this.touchWindow, windowMs);
      else this.counted[type] = Math.max(this.counted[type] ?? 0, windowMs);
    }
    return compiled.value;
  }

  private criteria(given: readonly { when: string; reason?: string | undefined }[], yaml: YamlFile, path: Path): Criterion[] {
    return given.map(({ when, reason }, index) => ({
      when: this.condition(when, yaml, [...path, index]),
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  /** Names of a kind as they stand in the file: what is declared with a mistake is declared all the same. */
  private declared(key: "moments" | "channels" | "goals" | "departments"): string[] {
    const raw = this.input.workspace.yaml.value;
    const given = isObject(raw) ? raw[key] : undefined;
    return Array.isArray(given) ? given.map(String) : isObject(given) ? Object.keys(given) : [];
  }

  private known(kind: string, name: string, known: readonly string[], yaml: YamlFile, path: Path): void {
    if (!known.includes(name)) this.problem(yaml, path, unknownName(kind, name, known));
  }

  private channels(): Record<string, ChannelRule> {
    const { channels, governance } = this.input.workspace.value;
    return Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => {
        const { kind, address, ...options } = channel;
        const needsConsent = kind === "smtp" || kind === "twilio" || kind === "push";
        const rule: ChannelRule = {
          name,
          kind,
          address: address ?? KIND_ADDRESS[kind] ?? NAME_ADDRESS[name] ?? "none",
          consent: governance.consent[name] ?? (needsConsent ? "opt_in" : "free"),
          options: withoutUndefined(options) as Record<string, Json>,
          ...(channel.kind === "human" ? { queue: channel.queue ?? name } : {}),
        };
        return [name, rule];
      }),
    );
  }

  private moments(): MomentRule[] {
    const { yaml, value } = this.input.workspace;
    return Object.entries(value.moments).map(([name, rule]) => {
      const path: Path = ["moments", name];
      if (name === FACT_CORRECTED) this.problem(yaml, path, `${FACT_CORRECTED} is built in and cannot be redefined`);
      return {
        name,
        on: rule.on ?? [],
        expires: rule.expires,
        urgency: rule.urgency,
        closes: rule.closes ?? [],
        ...(rule.when === undefined ? {} : { when: this.condition(rule.when, yaml, [...path, "when"]) }),
        ...(rule.once === undefined ? {} : { once: rule.once }),
        ...(rule.absent ? { absent: { signal: rule.absent.signal, for: this.absence(rule.absent.for, [...path, "absent", "for"]) } } : {}),
        ...(rule.says ? { says: rule.says } : {}),
      };
    });
  }

  private absence(given: string | number, path: Path): NonNullable<MomentRule["absent"]>["for"] {
    if (typeof given === "number") return given * DAY;
    const fixed = parseDuration(given);
    if (fixed !== undefined) return fixed;
    return this.take(compileNumber(given), given, this.input.workspace.yaml, path) ?? 0;
  }

  private promises(): PromiseRule[] {
    const { yaml, value } = this.input.workspace;
    const given = { [REPLY]: {}, ...value.promises };
    return Object.entries(given).map(([name, rule]: [string, WorkspaceFile["promises"][string]]) => {
      const path: Path = ["promises", name];
      const isReply = name === REPLY;
      if (!isReply && rule.due === undefined) this.problem(yaml, path, "expected due, a duration like 7d");
      if (!isReply && rule.owner === undefined) this.problem(yaml, path, "expected owner, the department or team that owes it");
      for (const department of rule.whileOpen?.suppress ?? [])
        this.known("department", department, this.declared("departments"), yaml, [...path, "whileOpen", "suppress"]);
      return {
        name,
        opens: isReply ? [...new Set(["message.received", ...(rule.opens ?? [])])] : (rule.opens ?? []),
        due: rule.due ?? 24 * HOUR,
        owner: rule.owner ?? "service",
        closes: rule.closes ?? [],
        suppress: rule.whileOpen?.suppress ?? [],
      };
    });
  }

  /** Names that policies use for channels, departments and experiences. */
  private checkNames(): void {
    const { yaml, value } = this.input.workspace;
    const { caps, quietHours, consent, suppress } = value.governance;
    const anyChannel = [...new Set([...this.declared("channels"), ...COMMON_CHANNELS])];
    const channel = (name: string, path: Path) => this.known("channel", name, anyChannel, yaml, path);
    const department = (name: string, path: Path) => this.known("department", name, this.declared("departments"), yaml, path);
    for (const [index, cap] of caps.entries()) {
      const path: Path = ["governance", "caps", index];
      if (cap.channel !== undefined) channel(cap.channel, [...path, "channel"]);
      if (cap.department !== undefined) department(cap.department, [...path, "department"]);
      if (cap.calendar && cap.window !== DAY && cap.window !== 7 * DAY)
        this.problem(yaml, [...path, "window"], "a calendar cap counts by 1d or 7d");
      if (caps.findIndex(({ id }) => id === cap.id) !== index) this.problem(yaml, [...path, "id"], `a second cap ${cap.id}`);
    }
    for (const [index, { channels: listed = [] }] of quietHours.entries())
      for (const name of listed) channel(name, ["governance", "quietHours", index, "channels"]);
    for (const name of Object.keys(consent)) channel(name, ["governance", "consent", name]);
    const ids = this.input.experiences.map((experience) => experience.value.id);
    for (const [index, rule] of suppress.entries()) {
      const path: Path = ["governance", "suppress", index];
      for (const name of rule.channels ?? []) channel(name, [...path, "channels"]);
      for (const name of rule.departments ?? []) department(name, [...path, "departments"]);
      for (const name of rule.experiences ?? []) this.known("experience", name, ids, yaml, [...path, "experiences"]);
    }
  }

  private suppression(rule: WorkspaceFile["governance"]["suppress"][number], path: Path): Suppression[] {
    const { yaml } = this.input.workspace;
    const { departments, channels, experiences, reason } = rule;
    const reach = withoutUndefined({ departments, channels, experiences, reason });
    if (rule.when !== undefined) return [{ ...reach, when: this.condition(rule.when, yaml, [...path, "when"]) }];
    const span = rule.for === undefined ? {} : { for: rule.for };
    const { signal, outcome, times = 1, within } = rule.after ?? {};
    if (signal) return [{ ...reach, ...span, afterSignal: signal }];
    if (!outcome) return [];
    return [
      { ...reach, ...span, afterOutcome: outcome, times, scope: rule.scope ?? "customer", ...(within === undefined ? {} : { within }) },
    ];
  }

  private experiences(channels: Readonly<Record<string, ChannelRule>>): Experience[] {
    const seen = new Map<string, string>();
    const compiled = this.input.experiences.map(({ yaml, value }) => {
      const other = seen.get(value.id);
      if (other !== undefined) this.problem(yaml, ["id"], `${value.id} is the id of ${other} too`);
      seen.set(value.id, yaml.file);
      this.checkReferences(value, yaml);
      return this.experience(value, yaml, channels);
    });
    return compiled.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  private checkReferences({ department, serves, goal, action }: ExperienceFile, yaml: YamlFile): void {
    if (department !== undefined) this.known("department", department, this.declared("departments"), yaml, ["department"]);
    if (goal !== undefined) this.known("goal", goal, this.declared("goals"), yaml, ["goal"]);
    for (const [index, name] of serves.entries())
      this.known("moment", name, [...this.declared("moments"), FACT_CORRECTED], yaml, ["serves", index]);
    if (action) this.known("tool", action.tool, this.input.tools, yaml, ["action", "tool"]);
  }

  private experience(value: ExperienceFile, yaml: YamlFile, channels: Readonly<Record<string, ChannelRule>>): Experience {
    const { id, department, goal, judge, limits, action, success, promise } = value;
    const input = action
      ? this.content([{ path: "action.input", source: action.input as Json, isHtml: false, isTyped: true }], yaml, ["action", "input"])
      : undefined;
    return {
      id,
      name: value.name ?? id,
      status: value.status,
      serves: value.serves,
      eligibility: this.criteria(value.eligibility, yaml, ["eligibility"]),
      applicability: this.criteria(value.applicability, yaml, ["applicability"]),
      suitability: this.criteria(value.suitability, yaml, ["suitability"]),
      value: value.value,
      lever: value.levers.weight,
      context: value.context.map(({ when, weight }, index) => ({ when: this.condition(when, yaml, ["context", index, "when"]), weight })),
      transactional: value.transactional,
      routes: Object.entries(value.channels).flatMap(([channel, given]) => this.route(channel, given, yaml, channels)),
      ...withoutUndefined({ department, goal, judge, promise }),
      ...(limits ? { limits: withoutUndefined(limits) } : {}),
      ...(action && input ? { action: { tool: action.tool, input } } : {}),
      ...(success ? { success: { signals: success.signal, within: success.within, reward: success.reward } } : {}),
    };
  }

  private route(channel: string, given: Record<string, unknown>, yaml: YamlFile, channels: Readonly<Record<string, ChannelRule>>): Route[] {
    const path: Path = ["channels", channel];
    const rule = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
    if (!rule) {
      this.known("channel", channel, this.declared("channels"), yaml, path);
      return [];
    }
    const parsed = ContentByKind[rule.kind].safeParse(given);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        for (const message of issue.message.split("\n")) this.problem(yaml, [...path, ...issue.path.map(String)], message);
      return [];
    }
    const { brief, template, ...fields } = parsed.data as Record<string, Json | undefined>;
    const drafts = Object.entries(fields).flatMap(([field, source]) => (source === undefined ? [] : [draftOf(rule.kind, field, source)]));
    if (typeof template === "string") drafts.push(...this.templateDraft(rule.kind, template, yaml, [...path, "template"]));
    const content = this.content(drafts, yaml, path);
    return content ? [{ channel, content, ...(typeof brief === "string" ? { brief } : {}) }] : [];
  }

  private templateDraft(kind: ChannelKind, template: string, yaml: YamlFile, path: Path): Draft[] {
    const source = this.input.templates[template];
    if (source !== undefined) return [draftOf(kind, "body", source)];
    this.problem(yaml, path, unknownName("template", template, Object.keys(this.input.templates)));
    return [];
  }

  private content(drafts: readonly Draft[], yaml: YamlFile, path: Path) {
    const compiled = this.input.content.compile(drafts);
    if (compiled.ok) return compiled.content;
    for (const { path: field, problem } of compiled.problems) {
      const inner = field.split(".").slice(path[0] === "action" ? 2 : 0);
      this.problem(yaml, [...path, ...inner], problem);
    }
    return undefined;
  }
}

/** Mail bodies are HTML; subjects and titles are one line; everything else is plain. */
function draftOf(kind: ChannelKind, field: string, source: Json): Draft {
  const isHtml = field === "body" && (kind === "smtp" || kind === "file");
  return { path: field, source, isHtml, isLine: field === "subject" || field === "title" || field === "url" };
}

function listenerOf(
  moments: readonly MomentRule[],
  promises: readonly PromiseRule[],
  suppress: readonly Suppression[],
  experiences: readonly Experience[],
) {
  const types = new Set([
    ...moments.flatMap(({ on, closes, absent }) => [...on, ...closes, ...(absent ? [absent.signal] : [])]),
    ...promises.flatMap(({ opens, closes }) => [...opens, ...closes]),
    ...suppress.flatMap((rule) => ("afterSignal" in rule ? rule.afterSignal : [])),
    ...experiences.flatMap(({ success }) => success?.signals ?? []),
  ]);
  return (type: string): boolean => types.has(type);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The object without its undefined fields, which zod gives to optional keys that are not there. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}

function defined<T extends object>(record: Record<string, T>): Record<string, Defined<T>> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, isObject(value) ? withoutUndefined(value) : value]),
  ) as Record<string, Defined<T>>;
}
