import { FACT_CORRECTED } from "../domain/moments/moments.ts";
import type { Condition, Criterion } from "../domain/values/condition.ts";
import { isObject } from "../domain/values/json.ts";
import { type Compiled, compileCondition } from "./conditions.ts";
import { type Problem, unknownName } from "./problem.ts";
import type { YamlFile } from "./yaml.ts";

export type Path = readonly (string | number)[];

/** Kinds of names that a workspace refers to. */
export type NameKind = "channel" | "department" | "experience" | "goal" | "moment" | "template" | "tool";

/** Channel names that policies may use without a declaration: human contacts, and channels common to most companies. */
const COMMON_CHANNELS = ["email", "sms", "push", "call", "chat", "visit"];

/** Results of compiling besides the policy: problems with their places, and the look-back of conditions. */
export class Report {
  readonly problems: Problem[] = [];
  /** Signal types used by `count()`, with the longest window. */
  readonly counted: Record<string, number> = {};
  /** The longest window of `touches()`. */
  touchWindow = 0;
  private readonly workspace: YamlFile;
  private readonly others: Readonly<Partial<Record<NameKind, readonly string[]>>>;

  /** @param others names of the kinds declared outside of `sentient.yaml` */
  constructor(workspace: YamlFile, others: Readonly<Partial<Record<NameKind, readonly string[]>>>) {
    this.workspace = workspace;
    this.others = others;
  }

  problem(yaml: YamlFile, path: Path, message: string): void {
    const place = yaml.original?.(path) ?? path;
    this.problems.push({ file: yaml.file, line: yaml.lineOf(place), path: place.join("."), message });
  }

  /** Returns the compiled expression, or records a problem and returns undefined. */
  take<T>(compiled: Compiled<T>, text: string, yaml: YamlFile, path: Path): T | undefined {
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

  condition(text: string, yaml: YamlFile, path: Path): Condition {
    return this.take(compileCondition(text), text, yaml, path) ?? { text, ask: () => ({ outcome: "unmet" }), faults: () => [] };
  }

  criteria(given: readonly { when: string; reason?: string | undefined }[], yaml: YamlFile, path: Path): Criterion[] {
    return given.map(({ when, reason }, index) => ({
      when: this.condition(when, yaml, [...path, index]),
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  /** Records a problem where a name of this kind is unknown. */
  known(kind: NameKind, name: string, yaml: YamlFile, path: Path): void {
    const names = this.names(kind);
    const tolerated = kind === "channel" ? COMMON_CHANNELS : kind === "moment" ? [FACT_CORRECTED] : [];
    if (!names.includes(name) && !tolerated.includes(name)) this.problem(yaml, path, unknownName(kind, name, names));
  }

  allKnown(kind: NameKind, names: readonly string[], yaml: YamlFile, path: Path): void {
    for (const name of names) this.known(kind, name, yaml, path);
  }

  /** Names of a kind as written in the file; a faulty declaration still counts as declared. */
  names(kind: NameKind): readonly string[] {
    const elsewhere = this.others[kind];
    if (elsewhere) return elsewhere;
    const raw = this.workspace.value;
    const given = isObject(raw) ? raw[`${kind}s`] : undefined;
    return Array.isArray(given) ? given.map(String) : isObject(given) ? Object.keys(given) : [];
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Drops undefined fields, which zod sets for absent optional keys. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
