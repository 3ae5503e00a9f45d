import { momentClassifier } from "../classifier/moments.ts";
import { BUILT_IN_MOMENTS } from "../domain/entities/built-ins.ts";
import type { ApprovalRule, Experience, MomentRule, Policy, PromiseRule, Suppression } from "../domain/entities/policy.ts";
import { consentKey } from "../domain/identity/consent.ts";
import { DAILY_CLOCK } from "../domain/moments/interpret.ts";
import { REPLY } from "../domain/moments/promises.ts";
import { splitPath } from "../domain/values/path.ts";
import { DAY, HOUR, parseDuration } from "../domain/values/time.ts";
import type { ChannelCatalogue } from "./channel-catalogue.ts";
import type { ToolInputs } from "./check-tool-input.ts";
import { checkLikeness, checkTimes, checkUncounted, compileChannels } from "./compile-channels.ts";
import { compileExperience, type ExperienceContext } from "./compile-experience.ts";
import { compileStages } from "./compile-stages.ts";
import { compileNumber } from "./conditions.ts";
import type { ContentCompiler } from "./content/content.ts";
import type { DataName } from "./data-names.ts";
import type { Problem } from "./problem.ts";
import { type HtmlBody, type Path, placeIn, Report, withoutUndefined } from "./report.ts";
import type { ExperienceFile, WorkspaceFile } from "./schema.ts";
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
  readonly catalogue: ChannelCatalogue;
  readonly tools: readonly string[];
  readonly inputs?: ToolInputs;
  readonly version: string;
}

export interface Compilation {
  readonly policy: Policy;
  readonly problems: readonly Problem[];
  /** Names that data make known, wherever the workspace writes them. */
  readonly dataNames: readonly DataName[];
  readonly bodies: readonly HtmlBody[];
}

/** Resolves references, compiles every condition and text once, and builds the policy. Reports all problems at once. */
export function compileWorkspace(input: CompileInput): Compilation {
  const { yaml, value } = input.workspace;
  const report = new Report(yaml, {
    experience: input.experiences.map((one) => one.value.id),
    template: Object.keys(input.templates),
    tool: input.tools,
    promise: promiseNames(input),
  });
  const channels = compileChannels(value, input.catalogue);
  const moments = Object.entries(value.moments).map(([name, rule]) => compileMoment(name, rule, yaml, report));
  const stages = compileStages(value.stages, yaml, report);
  const promises = Object.entries({ [REPLY]: {}, ...value.promises }).map(([name, rule]) => compilePromise(name, rule, yaml, report));
  checkChannels(Object.keys(channels), yaml, report);
  checkGovernance(value.governance, yaml, report);
  checkTimes(value.learning.times?.channels ?? [], channels, yaml, report);
  checkUncounted(value, input.catalogue, yaml, report);
  checkLikeness(value, input.catalogue, yaml, report);
  readSettings(value, yaml, report);
  const suppress = value.governance.suppress.flatMap((rule, index) =>
    compileSuppression(rule, yaml, ["governance", "suppress", index], report),
  );
  const approval = value.governance.approval.map((rule, index) => compileApproval(rule, yaml, ["governance", "approval", index], report));
  const { templates, catalogue, content, inputs } = input;
  const experiences = compileExperiences(input, {
    report,
    channels,
    catalogue,
    templates,
    content,
    inputs,
    ceilings: withoutUndefined({ offers: value.governance.offers }),
    openers: openersOf(value),
    hasStages: stages.length > 0,
    promises,
    languages: value.brand?.languages ?? [],
  });
  const policy: Policy = {
    ...settingsOf(value),
    version: input.version,
    moments,
    stages,
    promises,
    channels,
    governance: { ...governanceOf(value.governance), suppress, approval },
    experiences,
    counted: report.counted,
    // A calendar day or week can be an hour longer than nominal at a clock change.
    touchWindow: Math.max(report.touchWindow, ...value.governance.caps.map(({ window }) => window + 2 * HOUR)),
    listens: listenerOf({ moments, stages, promises, suppress, experiences }),
    classify: momentClassifier(moments, value.brand?.languages ?? []),
  };
  return { policy, problems: report.problems, dataNames: report.dataNames, bodies: report.bodies };
}

// --- internal ---

type GivenGovernance = WorkspaceFile["governance"];

function settingsOf({ name, timezone, departments, goals, record, learning, retention, brand }: WorkspaceFile) {
  return {
    name,
    timezone,
    departments,
    goals: Object.fromEntries(Object.entries(goals).map(([goal, { weight }]) => [goal, weight])),
    record: {
      sources: record.sources,
      fields: Object.fromEntries(Object.entries(record.fields).map(([path, rule]) => [path, withoutUndefined(rule)])),
      ...withoutUndefined({ mergeFrom: record.mergeFrom, consentFrom: record.consentFrom }),
    },
    learning: withoutUndefined(learning),
    retention,
    ...(brand ? { brand: withoutUndefined(brand) } : {}),
  };
}

const governanceOf = ({ review, minPropensity, caps, quietHours, holdout, offers }: GivenGovernance) => ({
  review,
  minPropensity,
  caps: caps.map(withoutUndefined),
  quietHours: quietHours.map(withoutUndefined),
  holdout: withoutUndefined(holdout),
  ...withoutUndefined({ offers }),
});

function compileMoment(name: string, rule: WorkspaceFile["moments"][string], yaml: YamlFile, report: Report): MomentRule {
  const path: Path = ["moments", name];
  if (Object.hasOwn(BUILT_IN_MOMENTS, name)) report.problem(yaml, path, `${name} is built in and cannot be redefined`);
  const { once, says, absent } = rule;
  const from = { signal: rule.on ?? [], moment: rule.on ?? [] };
  report.signals(rule.on ?? [], yaml, [...path, "on"]);
  report.signals(rule.closes ?? [], yaml, [...path, "closes"]);
  if (absent) report.signals([absent.signal], yaml, [...path, "absent", "signal"]);
  return {
    name,
    on: rule.on ?? [],
    expires: rule.expires,
    urgency: rule.urgency,
    closes: rule.closes ?? [],
    ...withoutUndefined({ once, says }),
    ...(rule.when === undefined ? {} : { when: report.condition(rule.when, yaml, [...path, "when"], from) }),
    ...(absent ? { absent: { signal: absent.signal, for: compileAbsence(absent.for, yaml, [...path, "absent", "for"], report) } } : {}),
  };
}

/** A duration, a number of days, or an expression for one. */
function compileAbsence(given: string | number, yaml: YamlFile, path: Path, report: Report): NonNullable<MomentRule["absent"]>["for"] {
  const fixed = typeof given === "number" ? given * DAY : parseDuration(given);
  return fixed ?? report.take(compileNumber(String(given)), String(given), yaml, path) ?? 0;
}

function compilePromise(name: string, rule: WorkspaceFile["promises"][string], yaml: YamlFile, report: Report): PromiseRule {
  const path: Path = ["promises", name];
  const isReply = name === REPLY;
  const { due, owner, opens = [], closes = [], whileOpen } = rule;
  const suppress = whileOpen?.suppress ?? [];
  if (!isReply && due === undefined) report.problem(yaml, path, "expected due, a duration like 7d");
  if (!isReply && owner === undefined) report.problem(yaml, path, "expected owner, the department or team that owes it");
  report.allKnown("department", suppress, yaml, [...path, "whileOpen", "suppress"]);
  report.signals(opens, yaml, [...path, "opens"]);
  report.signals(closes, yaml, [...path, "closes"]);
  return {
    name,
    opens: isReply ? [...new Set(["message.received", ...opens])] : opens,
    due: due ?? 24 * HOUR,
    owner: owner ?? "service",
    closes,
    suppress,
  };
}

/** Consent statements name channels without regard to case, so names must differ by more than case. */
function checkChannels(channels: readonly string[], yaml: YamlFile, report: Report): void {
  for (const [index, name] of channels.entries()) {
    const other = channels.slice(0, index).find((one) => consentKey(one) === consentKey(name));
    if (other !== undefined)
      report.problem(
        yaml,
        ["channels", name],
        `${other} is the same name but for case, and what customers say about one would count for both`,
      );
  }
}

/** Names of channels, departments and experiences in policies. */
function checkGovernance({ caps, quietHours, consent, suppress, holdout }: GivenGovernance, yaml: YamlFile, report: Report): void {
  const base: Path = ["governance"];
  for (const [index, cap] of caps.entries()) {
    const isSecond = caps.findIndex(({ id }) => id === cap.id) !== index;
    checkCap(cap, isSecond, yaml, [...base, "caps", index], report);
  }
  for (const [index, { channels = [] }] of quietHours.entries())
    report.allKnown("channel", channels, yaml, [...base, "quietHours", index, "channels"]);
  report.allKnown("department", holdout.departments ?? [], yaml, [...base, "holdout", "departments"]);
  for (const name of Object.keys(consent)) report.known("channel", name, yaml, [...base, "consent", name]);
  for (const [index, { channels = [], departments = [], experiences = [] }] of suppress.entries()) {
    const path: Path = [...base, "suppress", index];
    report.allKnown("channel", channels, yaml, [...path, "channels"]);
    report.allKnown("department", departments, yaml, [...path, "departments"]);
    report.allKnown("experience", experiences, yaml, [...path, "experiences"]);
  }
}

function checkCap(cap: GivenGovernance["caps"][number], isSecond: boolean, yaml: YamlFile, path: Path, report: Report): void {
  if (cap.channel !== undefined) report.known("channel", cap.channel, yaml, [...path, "channel"]);
  if (cap.department !== undefined) report.known("department", cap.department, yaml, [...path, "department"]);
  if (cap.calendar && cap.window !== DAY && cap.window !== 7 * DAY)
    report.problem(yaml, [...path, "window"], "a calendar cap counts by 1d or 7d");
  if (isSecond) report.problem(yaml, [...path, "id"], `a second cap ${cap.id}`);
}

function compileSuppression(rule: GivenGovernance["suppress"][number], yaml: YamlFile, path: Path, report: Report): Suppression[] {
  const { departments, channels, experiences, reason, when, after, scope = "customer" } = rule;
  const reach = withoutUndefined({ departments, channels, experiences, reason });
  if (when !== undefined) return [{ ...reach, when: report.condition(when, yaml, [...path, "when"]) }];
  const span = rule.for === undefined ? {} : { for: rule.for };
  report.signals(after?.signal ?? [], yaml, [...path, "after", "signal"]);
  if (after?.signal) return [{ ...reach, ...span, afterSignal: after.signal }];
  if (!after?.outcome) return [];
  const { outcome, times = 1, within } = after;
  return [{ ...reach, ...span, afterOutcome: outcome, times, scope, ...(within === undefined ? {} : { within }) }];
}

function compileApproval({ when, ...rest }: GivenGovernance["approval"][number], yaml: YamlFile, path: Path, report: Report): ApprovalRule {
  report.allKnown("experience", rest.experiences ?? [], yaml, [...path, "experiences"]);
  report.allKnown("department", rest.departments ?? [], yaml, [...path, "departments"]);
  return { ...withoutUndefined(rest), ...(when === undefined ? {} : { when: report.condition(when, yaml, path) }) };
}

function compileExperiences({ experiences }: CompileInput, context: ExperienceContext): Experience[] {
  const files = new Map<string, string>();
  const compiled = experiences.map(({ yaml, value }) => {
    const other = files.get(value.id);
    if (other !== undefined) context.report.problem(yaml, ["id"], `${value.id} is the id of ${other} too`);
    files.set(value.id, yaml.file);
    return compileExperience(value, yaml, context);
  });
  return compiled.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The signal types that open each moment; a built-in moment stands for itself. */
const openersOf = ({ moments }: WorkspaceFile): Readonly<Record<string, readonly string[]>> => ({
  ...Object.fromEntries(Object.keys(BUILT_IN_MOMENTS).map((name) => [name, [name]])),
  ...Object.fromEntries(Object.entries(moments).map(([name, { on = [] }]) => [name, on])),
});

/** Promises that the workspace can open, by its rules, an experience or the tool `open_promise`. */
function promiseNames({ workspace, experiences }: CompileInput): string[] {
  const opened = experiences.flatMap(({ value: { promise, action, converse } }) => [
    promise?.name,
    ...(action?.tool === "open_promise" ? [action.input.promise] : []),
    ...Object.entries(converse?.tools ?? {}).flatMap(([name, tool]) => ((tool.tool ?? name) === "open_promise" ? [tool.with.promise] : [])),
  ]);
  return [...new Set([REPLY, ...Object.keys(workspace.value.promises), ...opened.filter((name) => typeof name === "string")])];
}

/** Fields that settings name. */
function readSettings({ record, learning }: WorkspaceFile, yaml: YamlFile, report: Report): void {
  for (const path of Object.keys(record.fields)) report.read(["customer", ...splitPath(path)], placeIn(yaml, ["record", "fields", path]));
  for (const [index, path] of learning.features.entries()) report.read(splitPath(path), placeIn(yaml, ["learning", "features", index]));
}

interface Listeners extends Pick<Policy, "moments" | "stages" | "promises" | "experiences"> {
  readonly suppress: readonly Suppression[];
}

/** Whether any rule depends on a signal type. */
function listenerOf({ moments, stages, promises, suppress, experiences }: Listeners): Policy["listens"] {
  const types = new Set([
    ...(stages.length > 0 ? [DAILY_CLOCK] : []),
    ...moments.flatMap(({ on, closes, absent }) => [...on, ...closes, ...(absent ? [absent.signal] : [])]),
    ...promises.flatMap(({ opens, closes }) => [...opens, ...closes]),
    ...suppress.flatMap((rule) => ("afterSignal" in rule ? rule.afterSignal : [])),
    ...experiences.flatMap(({ success }) => success?.signals ?? []),
  ]);
  return (type) => types.has(type);
}
