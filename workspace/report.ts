import { BUILT_IN_MOMENTS } from "../domain/entities/built-ins.ts";
import { STAGE_CHANGED } from "../domain/moments/stages.ts";
import type { Condition, Criterion } from "../domain/values/condition.ts";
import { entryOf, isObject } from "../domain/values/json.ts";
import { nearest } from "../domain/values/nearest.ts";
import { type ComparedName, type ConditionName, namedBy } from "./condition-names.ts";
import { type Compiled, compileCondition } from "./conditions.ts";
import type { Outline } from "./content/outline.ts";
import { type DataName, dataNameOf, type Place, type ReadFrom } from "./data-names.ts";
import { type Problem, unknownName } from "./problem.ts";
import { valueAt } from "./prune.ts";
import type { YamlFile } from "./yaml.ts";

export type Path = readonly (string | number)[];

/** Kinds of names that a workspace refers to. */
export type NameKind = "channel" | "department" | "experience" | "goal" | "moment" | "promise" | "stage" | "template" | "tool";

/** Channel names that policies may use without a declaration: human contacts, and channels common to most companies. */
const COMMON_CHANNELS = ["email", "sms", "push", "call", "chat", "visit"];
const CONSENT_STATUSES = ["granted", "denied", "revoked"];

/** A text in HTML as a channel sends it. */
export interface HtmlBody extends Place {
  /** Kind of the channel. */
  readonly kind: string;
  /** File in `templates/` that it comes from. */
  readonly template?: string;
  /** Lines of the text lie below `line`. */
  readonly isBlock: boolean;
  outline(holds: boolean): Outline | undefined;
}

/** Results of compiling besides the policy: problems with their places, names that data make known, and the look-back of conditions. */
export class Report {
  readonly problems: Problem[] = [];
  readonly dataNames: DataName[] = [];
  readonly bodies: HtmlBody[] = [];
  /** Signal types used by `count()`, with their windows. */
  readonly counted: Record<string, number[]> = {};
  /** The longest window of `touches()`. */
  touchWindow = 0;
  private readonly compiled = new Map<string, Compiled<Condition>>();
  private readonly workspace: YamlFile;
  private readonly others: Readonly<Partial<Record<NameKind, readonly string[]>>>;

  /** @param others names of the kinds declared outside of `sentient.yaml` */
  constructor(workspace: YamlFile, others: Readonly<Partial<Record<NameKind, readonly string[]>>>) {
    this.workspace = workspace;
    this.others = others;
  }

  problem(yaml: YamlFile, path: Path, message: string): void {
    this.problems.push({ ...placeIn(yaml, path), message });
  }

  /** Returns the compiled expression, or records a problem and returns undefined. */
  take<T>(compiled: Compiled<T>, text: string, yaml: YamlFile, path: Path, from: ReadFrom = {}): T | undefined {
    if (!compiled.ok) {
      this.problem(yaml, path, `${compiled.problem} at column ${compiled.column + 1} of: ${text}`);
      return undefined;
    }
    for (const { type, windowMs } of compiled.windows) {
      if (type === undefined) this.touchWindow = Math.max(this.touchWindow, windowMs);
      else this.counted[type] = [...new Set([...(entryOf(this.counted, type) ?? []), windowMs])];
    }
    for (const found of compiled.names) {
      const wrong = this.nameProblem(found, placeIn(yaml, path), from);
      if (wrong !== undefined) this.problem(yaml, path, `${wrong} at column ${found.column + 1} of: ${text}`);
    }
    return compiled.value;
  }

  /** Conditions of the same text are one: experiences that share it share its answer. */
  condition(text: string, yaml: YamlFile, path: Path, from?: ReadFrom): Condition {
    const unusable: Condition = { text, ask: () => ({ outcome: "unmet" }), faults: () => [], needs: () => undefined };
    const compiled = this.compiled.get(text) ?? compileCondition(text);
    this.compiled.set(text, compiled);
    return this.take(compiled, text, yaml, path, from) ?? unusable;
  }

  criteria(given: readonly { when: string; reason?: string | undefined }[], yaml: YamlFile, path: Path, from?: ReadFrom): Criterion[] {
    return given.map(({ when, reason }, index) => ({
      when: this.condition(when, yaml, [...path, index], from),
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  /** Records a problem where a name of this kind is unknown. */
  known(kind: NameKind, name: string, yaml: YamlFile, path: Path): void {
    if (!this.isKnown(kind, name)) this.problem(yaml, path, this.unknown(kind, name));
  }

  allKnown(kind: NameKind, names: readonly string[], yaml: YamlFile, path: Path): void {
    for (const name of names) this.known(kind, name, yaml, path);
  }

  /** Records signal types for the comparison with data. */
  signals(types: readonly string[], yaml: YamlFile, path: Path): void {
    const isList = Array.isArray(valueAt(yaml.value, path.map(String)));
    for (const [index, name] of types.entries())
      this.dataNames.push({ ...placeIn(yaml, isList ? [...path, index] : path), kind: "signal", name });
  }

  /** Records a field that is read, from its root, for the comparison with data. */
  read(steps: readonly string[], place: Place, from: ReadFrom = {}): void {
    const name = dataNameOf(steps, place, from);
    if (name) this.dataNames.push(name);
  }

  /** Records what a text compares with a field, as names in a condition are. */
  compared(steps: readonly string[], name: string, place: Place, from: ReadFrom = {}): void {
    const found = namedBy(steps, name);
    const wrong = found && this.nameProblem(found, place, from);
    const problem = { ...place, message: wrong ?? "" };
    // A shared template is compiled with each experience that uses it.
    const isTold = this.problems.some((told) => told.file === place.file && told.line === place.line && told.message === wrong);
    if (wrong !== undefined && !isTold) this.problems.push(problem);
  }

  /** Records a field of the customer that the workspace itself sets. */
  sets(steps: readonly string[], yaml: YamlFile, path: Path): void {
    this.dataNames.push({ ...placeIn(yaml, path), kind: "set", steps });
  }

  /** Names of a kind as written in the file; a faulty declaration still counts as declared. */
  names(kind: NameKind): readonly string[] {
    const elsewhere = this.others[kind];
    if (elsewhere) return elsewhere;
    const raw = this.workspace.value;
    const given = isObject(raw) ? raw[`${kind}s`] : undefined;
    return Array.isArray(given) ? given.map(String) : isObject(given) ? Object.keys(given) : [];
  }

  private isKnown(kind: NameKind, name: string): boolean {
    return this.names(kind).includes(name) || toleratedAs(kind).includes(name);
  }

  private unknown(kind: NameKind, name: string): string {
    const meant = nearest(name, [...this.names(kind), ...toleratedAs(kind)]);
    return unknownName(kind, name, meant === undefined ? this.names(kind) : [meant]);
  }

  /** What a name has to be one of; undefined where it may be anything. */
  private fixedKind(found: ComparedName, from: ReadFrom): NameKind | undefined {
    switch (found.kind) {
      case "delivery":
        return isAboutDelivery(from[found.of]) ? found.field : undefined;
      case "stage change":
        return isAboutStage(from[found.of]) ? "stage" : undefined;
      // Without stages it is a trait, with any value.
      case "stage":
        return this.names("stage").length > 0 ? "stage" : undefined;
      default:
        return found.kind as NameKind;
    }
  }

  /** Why a name in a condition is wrong. A name that data may know is recorded instead. */
  private nameProblem(found: ConditionName | ComparedName, place: Place, from: ReadFrom): string | undefined {
    if (found.kind === "path") {
      this.read(found.steps, place, from);
      return undefined;
    }
    const { kind, name } = found;
    if (kind === "consent status") return CONSENT_STATUSES.includes(name) ? undefined : unknownName(kind, name, CONSENT_STATUSES);
    // What a promise is called may come with its signal, so only a name that is nearly a declared one is surely wrong.
    if (kind === "signal" || (kind === "promise" && !this.isKnown(kind, name) && nearest(name, this.names(kind)) === undefined)) {
      this.dataNames.push({ ...place, kind, name });
      return undefined;
    }
    const fixed = this.fixedKind(found, from);
    if (fixed === undefined) return undefined;
    return this.isKnown(fixed, name) ? undefined : this.unknown(fixed, name);
  }
}

/** A path of the checked value as a place in its file. */
export function placeIn(yaml: YamlFile, path: Path): Required<Place> {
  const written = yaml.original?.(path) ?? path;
  return { file: yaml.file, line: yaml.lineOf(written), path: written.join(".") };
}

/** Names of a kind that need no declaration. */
const toleratedAs = (kind: NameKind): readonly string[] =>
  kind === "channel" ? COMMON_CHANNELS : kind === "moment" ? Object.keys(BUILT_IN_MOMENTS) : [];

const isAboutDelivery = (openers: readonly string[] | undefined): boolean =>
  openers !== undefined && openers.length > 0 && openers.every((type) => type.startsWith("delivery."));

const isAboutStage = (openers: readonly string[] | undefined): boolean =>
  openers !== undefined && openers.length > 0 && openers.every((type) => type === STAGE_CHANGED);

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Drops undefined fields, which zod sets for absent optional keys. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
