import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Policy } from "../domain/entities/policy.ts";
import { decodeText } from "../domain/values/utf8.ts";
import { blindGuards } from "./canaries/blind-guards.ts";
import { notesOnChangedRules } from "./changed-rules.ts";
import type { ChannelCatalogue } from "./channel-catalogue.ts";
import type { ToolInputs } from "./check-tool-input.ts";
import { compileWorkspace, type Parsed } from "./compile.ts";
import { createContentCompiler } from "./content/content.ts";
import type { DataName } from "./data-names.ts";
import { isYaml, passedOver } from "./passed-over.ts";
import type { Note, Problem } from "./problem.ts";
import { flattenIssue, prune, valueAt } from "./prune.ts";
import type { HtmlBody } from "./report.ts";
import { ExperienceFile, type WorkspaceFile, workspaceFile } from "./schema.ts";
import { notesOnLanguages } from "./variants/check-languages.ts";
import { spreadContent } from "./variants/spread-content.ts";
import { notesOnSecrets } from "./versions/written-secrets.ts";
import { type Environment, readYaml, type YamlFile } from "./yaml.ts";

/** Files of a workspace by relative name, like `experiences/hello.yaml`. */
export type WorkspaceFiles = ReadonlyMap<string, Buffer>;

export interface LoadOptions {
  readonly environment: Environment;
  /** Available channels: built-in ones and the workspace's own. */
  readonly channels: ChannelCatalogue;
  /** Names of tools that an experience may use as its action: built-in ones and the workspace's own. */
  readonly tools: readonly string[];
  /** Input schemas of the tools, where inputs are to be checked. */
  readonly inputs?: ToolInputs;
}

/** Findings besides problems. */
export interface Observed {
  /** Warnings: valid settings with a possibly unexpected effect. */
  readonly notes: readonly Note[];
  /** Names that only data can tell to be right. */
  readonly dataNames: readonly DataName[];
  /** Texts in HTML, for checks by their channels. */
  readonly bodies: readonly HtmlBody[];
}

export type CheckedFiles =
  | (Observed & {
      readonly ok: true;
      readonly policy: Policy;
      /** The parsed `sentient.yaml`, for the parts compiled elsewhere: brand, model. */
      readonly settings: WorkspaceFile;
    })
  | (Partial<Observed> & { readonly ok: false; readonly problems: readonly Problem[] });

/** Checks and compiles the files of a workspace; reports all problems at once. */
export function checkFiles(files: WorkspaceFiles, { environment, channels, tools, inputs }: LoadOptions): CheckedFiles {
  const problems: Problem[] = [];
  const settings = parseFile("sentient.yaml", files, workspaceFile(channels), {
    environment,
    problems,
    fallback: { version: 1, name: "?" },
  });
  const experiences = [...files.keys()]
    .filter((file) => file.startsWith("experiences/") && isYaml(file))
    .flatMap(
      (file) =>
        parseFile(file, files, ExperienceFile, { environment, problems, fallback: { id: file.replace(/[^A-Za-z0-9]+/g, "-") } }) ?? [],
    );
  if (!settings) return { ok: false, problems: inOrder(problems) };
  const templates = textsIn("templates/", files, problems);
  for (const code of ["tools/", "channels/"]) textsIn(code, files, problems);
  const {
    policy,
    problems: wrong,
    dataNames,
    bodies,
  } = compileWorkspace({
    workspace: settings,
    experiences,
    templates,
    catalogue: channels,
    content: createContentCompiler(templates),
    tools,
    ...(inputs ? { inputs } : {}),
    version: versionOf(files),
  });
  problems.push(...wrong);
  const notes = [
    ...notesOn(settings, experiences),
    ...notesOnLanguages(settings, experiences, channels),
    ...notesOnSecrets(settings.yaml),
    ...passedOver(files),
  ];
  if (problems.length > 0) return { ok: false, problems: inOrder(problems), notes, dataNames, bodies };
  notes.push(...notesOnChangedRules(settings.yaml, policy), ...blindGuards(policy));
  return { ok: true, policy, notes, dataNames, bodies, settings: settings.value };
}

// --- internal ---

/** Files that determine decisions; they make up the policy's version. */
const POLICY_FILES = /^(sentient\.yaml$|experiences\/|templates\/|tools\/|channels\/)/;

/** SHA-256 over names, lengths and bytes, before variables are substituted: the same files are the same policy on every machine. */
export function versionOf(files: WorkspaceFiles): string {
  const hash = createHash("sha256");
  for (const [name, bytes] of files) {
    if (!POLICY_FILES.test(name)) continue;
    hash.update(`${name}\u0000${bytes.length}\u0000`);
    hash.update(bytes);
  }
  return hash.digest("hex");
}

function parseFile<T>(
  file: string,
  files: WorkspaceFiles,
  schema: z.ZodType<T>,
  { environment, problems, fallback }: { environment: Environment; problems: Problem[]; fallback: object },
): Parsed<T> | undefined {
  const read = decodeText(files.get(file) ?? new Uint8Array());
  const yaml = read.ok ? readYaml(file, read.text, environment) : { problems: [{ file, line: read.line, message: read.problem }] };
  if ("problems" in yaml) {
    problems.push(...yaml.problems);
    return undefined;
  }
  const parsed = schema.safeParse(yaml.value ?? {});
  if (parsed.success) return { yaml, value: parsed.data };
  for (const issue of parsed.error.issues.flatMap(flattenIssue)) problems.push(...problemsOf(issue, yaml));
  const rest = prune(schema, yaml.value, fallback);
  return rest && { yaml: { ...yaml, original: rest.original }, value: rest.value };
}

/** Names of text files. */
const TEXTS = /\.(liquid|[cm]?[jt]s|json)$/;

/** Texts of a folder by file name; undecodable content is a problem where the name promises text. */
function textsIn(folder: string, files: WorkspaceFiles, problems: Problem[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [file, bytes] of files) {
    if (!file.startsWith(folder)) continue;
    const read = decodeText(bytes);
    const wrong = read.ok ? nulIn(read.text) : read;
    if (read.ok && !wrong) texts[file.slice(folder.length)] = read.text;
    else if (wrong && TEXTS.test(file)) problems.push({ file, line: wrong.line, message: wrong.problem });
  }
  return texts;
}

function nulIn(text: string): { readonly line: number; readonly problem: string } | undefined {
  const place = text.indexOf("\u0000");
  return place < 0 ? undefined : { line: text.slice(0, place).split("\n").length, problem: "holds a NUL character" };
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, yaml: YamlFile): Problem[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => at(yaml, [...path, key], messages[index] ?? issue.message));
  }
  const variable = yaml.unset.get(path.join("."));
  const isMissing = "input" in issue ? issue.input === undefined : valueAt(yaml.value, path) === undefined;
  const message = isMissing ? `is missing: ${issue.message}` : issue.message;
  return [at(yaml, path, variable === undefined ? message : `${message} (the variable ${variable} is not set)`)];
}

const at = (yaml: YamlFile, path: readonly (string | number)[], message: string): Problem => ({
  file: yaml.file,
  line: yaml.lineOf(path),
  path: path.join("."),
  message,
});

/** `sentient.yaml` first, then by name and line. */
const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort((a, b) => (fileRank(a) < fileRank(b) ? -1 : fileRank(a) > fileRank(b) ? 1 : (a.line ?? 0) - (b.line ?? 0)));

const fileRank = ({ file }: Problem): string => (file.endsWith("sentient.yaml") ? `0${file}` : `1${file}`);

/** Warnings about valid settings with a possibly unexpected effect. */
function notesOn({ yaml: file, value: { model } }: Parsed<WorkspaceFile>, experiences: readonly Parsed<ExperienceFile>[]): Note[] {
  const notes: Note[] = [];
  const isInUsd = model?.budget?.perRunUsd !== undefined || model?.budget?.perDayUsd !== undefined;
  if (isInUsd && !model?.price) {
    const message = "counts in dollars and model.price is not given, so that the price of an expensive model is assumed";
    notes.push({ ...at(file, ["model", "budget"], message), isFine: true });
  }
  if (model) return notes;
  for (const { yaml, value } of experiences) {
    if (value.judge) {
      const message = `there is no model in sentient.yaml, so it counts as ${value.judge.without}`;
      notes.push({ ...at(yaml, ["judge"], message), isFine: true });
    }
    const briefs = Object.entries(value.channels).flatMap(([channel, content]) =>
      spreadContent(content, ["channels", channel]).contents.flatMap(({ given, placeOf }) =>
        given.brief === undefined ? [] : [placeOf("brief")],
      ),
    );
    for (const path of new Map(briefs.map((path) => [path.join("."), path])).values()) {
      const message = "there is no model in sentient.yaml, so the text beside it is used";
      notes.push({ ...at(yaml, path, message), isFine: true });
    }
  }
  return notes;
}
