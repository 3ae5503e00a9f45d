import { createRequire } from "node:module";
import type { RecordedCall } from "../../models/recorded-call.ts";
import { wordings } from "../../prompts/index.ts";
import { versions } from "../../runtime/recorded-calls.ts";
import type { Measured } from "./measure.ts";
import type { AgentSuite } from "./trial.ts";

/** A run over suites and contestants, with everything that may have affected the results. */
export interface AgentReport {
  readonly madeAt: string;
  readonly model: string;
  /** How the endpoint was called, if there was one. */
  readonly askedBy?: string;
  readonly limit?: number | undefined;
  readonly versions: RecordedCall["versions"] & {
    /** `name@version` to the hash of the wording. */
    readonly prompts: Readonly<Record<string, string>>;
    readonly packages: Readonly<Record<string, string>>;
    readonly policies: Readonly<Record<string, string>>;
  };
  readonly suites: readonly Measured[];
}

export function reportOf(
  about: Pick<AgentReport, "madeAt" | "model" | "askedBy" | "limit">,
  suites: readonly AgentSuite[],
  measured: readonly Measured[],
): AgentReport {
  const prompts = Object.fromEntries(wordings.map(({ name, version, hash }) => [`${name}@${version}`, hash]));
  const policies = Object.fromEntries(suites.map(({ name, policy }) => [name, policy.version]));
  return { ...about, versions: { ...versions(), prompts, packages: packages(), policies }, suites: measured };
}

/** A table with one row per suite and contestant. */
export function tableOf(measured: readonly Measured[]): string[] {
  const rows = measured.map(({ suite, contestant, cases, passed, trials, rate, interval, passAll, held, own, rejected, ...rest }) => [
    ...[suite, contestant, String(cases), `${percent(rate)} (${percent(interval[0])} to ${percent(interval[1])})`],
    ...[`${percent(passAll)} of ^${trials}`, `${held} of ${cases * trials}`, `${own} of ${cases * trials}`, String(rejected)],
    ...[String(rest.questions), `${rest.tokens.input} + ${rest.tokens.output}`, `${rest.ms.median} ms`, countsOf(rest.failures)],
  ]);
  return markdown(HEADS, rows);
}

/** Two reports side by side: their prompts, and their share of expected results. */
export function comparisonOf(before: AgentReport, now: AgentReport): string[] {
  const key = ({ suite, contestant, kind }: Measured) => `${suite}\n${kind === "live" ? "live" : contestant}`;
  const rows = now.suites.map((one) => {
    const old = before.suites.find((other) => key(other) === key(one));
    return [
      one.suite,
      one.kind === "live" ? "live" : one.contestant,
      old ? shareOf(old) : "-",
      shareOf(one),
      old ? changeOf(old, one) : "new",
    ];
  });
  const gone = before.suites.filter((old) => !now.suites.some((one) => key(one) === key(old)));
  const changed = changedPrompts(before, now);
  return [
    `Before: ${before.model}, ${before.madeAt}. Now: ${now.model}, ${now.madeAt}.`,
    changed.length > 0 ? `Prompts that differ: ${changed.join("; ")}.` : "The prompts are the same.",
    "",
    ...markdown(
      ["suite", "contestant", "before", "now", "change"],
      [...rows, ...gone.map((one) => [one.suite, one.contestant, shareOf(one), "-", "gone"])],
    ),
  ];
}

/** A live report in Markdown. */
export function markdownOf(report: AgentReport): string {
  const { model, madeAt, askedBy, limit, versions: made, suites } = report;
  const reasons = suites.filter(({ kind }) => kind === "live").map(({ suite, because }) => `- ${suite}: ${countsOf(because)}`);
  return [
    `# ${model}`,
    "",
    `Made at ${madeAt}${askedBy === undefined ? "" : `, asked by ${askedBy}`}${limit === undefined ? "" : `, at most ${limit} cases a suite`}. Sentient ${made.sentient}, Node ${made.node}.`,
    `Prompts: ${Object.entries(made.prompts)
      .map(([name, hash]) => `${name} (${hash})`)
      .join(", ")}.`,
    "",
    ...tableOf(suites),
    "",
    "Why results of the model were not the wanted ones:",
    "",
    ...reasons,
    "",
  ].join("\n");
}

// --- internal ---

const HEADS = [
  "suite",
  "who",
  "cases",
  "right (95 %)",
  "all trials",
  "held",
  "own words",
  "rejected",
  "questions",
  "tokens",
  "median",
  "failures",
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const shareOf = ({ rate, interval: [low, high] }: Measured): string => `${percent(rate)} (${percent(low)} to ${percent(high)})`;

/** A difference is reported as a change only if neither interval contains the other's share. */
function changeOf(before: Measured, now: Measured): string {
  const points = 100 * (now.rate - before.rate);
  const [low, high] = before.interval;
  const isClear = now.rate < low || now.rate > high;
  return `${points >= 0 ? "+" : ""}${points.toFixed(1)} points${isClear ? "" : ", within the interval"}`;
}

function changedPrompts({ versions: { prompts: old } }: AgentReport, { versions: { prompts: now } }: AgentReport): string[] {
  const only = (some: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>) =>
    Object.keys(some).filter((name) => some[name] !== others[name]);
  const [before, after] = [only(old, now), only(now, old)];
  return before.length + after.length === 0 ? [] : [`before ${before.join(", ") || "none"}`, `now ${after.join(", ") || "none"}`];
}

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";

const markdown = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

const PACKAGES = ["@langchain/core", "@langchain/langgraph", "langchain", "openai", "zod"];

function packages(): Record<string, string> {
  const { dependencies } = createRequire(import.meta.url)("../../package.json") as { dependencies: Record<string, string> };
  return Object.fromEntries(PACKAGES.map((name) => [name, dependencies[name] ?? "unknown"]));
}
