import { questionsIn } from "../../domain/entities/model-answer.ts";
import { cutShort } from "../../domain/values/cut.ts";
import { isObject, type Json, type JsonObject } from "../../domain/values/json.ts";
import type { LookUps } from "../../operations/look-ups.ts";
import type { Io } from "../io.ts";
import { questionLines } from "./questions.ts";
import { table, wrap } from "./table.ts";

type RunRecord = Awaited<ReturnType<LookUps["runs"]["show"]>>;

/** A run as a page of text: its steps with their durations, questions to a language model and their cost, and tool calls. */
export function runLines(run: RunRecord, io: Pick<Io, "paint" | "columns">): string[] {
  const { paint, columns } = io;
  const width = Math.min(columns, 140);
  const steps = objectsIn(run.steps);
  const done = steps.filter((step) => !("asked" in step)).map((step) => [String(step.agent ?? ""), `${step.ms ?? 0} ms`, inWords(step)]);
  const calls = objectsIn(run.toolCalls).map((call) => [
    String(call.tool),
    String(call.status),
    `${call.attempts} ${call.attempts === 1 ? "try" : "tries"}`,
    `${short(call.input)}${call.error ? ` failed: ${short(call.error)}` : call.output ? ` → ${short(call.output)}` : ""}`,
  ]);
  const outcome = `${run.action ?? "no decision"} ${run.experienceId ?? ""}`.trim();
  return [
    paint.bold(`${run.startedAt}  ${run.customerId}  ${wakeOf(run.wake)}: ${outcome} (${run.status})`),
    ...section("Steps", done),
    ...(questionsIn(run.steps).length > 0 ? ["", "Questions to a language model:"] : []),
    ...questionLines(questionsIn(run.steps), run.usage, io),
    ...section("Tools", calls),
    "",
    ...wrap(
      `run ${run.runId}${run.decisionId === undefined ? "" : `, decision ${run.decisionId}`}, policy ${run.policyVersion.slice(0, 12)}${run.traceId === undefined ? "" : `, trace ${run.traceId}`}`,
      width,
    ).map(paint.dim),
    paint.dim("all of it, texts and findings too: --json"),
  ];
}

// --- internal ---

const objectsIn = (list: Json | readonly Json[]): JsonObject[] =>
  Array.isArray(list) ? list.flatMap((one: Json) => (isObject(one) ? [one as JsonObject] : [])) : [];

const section = (title: string, rows: readonly (readonly string[])[]): string[] =>
  rows.length > 0 ? ["", `${title}:`, ...table(rows, { indent: 2 })] : [];

const wakeOf = (wake: Json): string => (isObject(wake) ? String(wake.type ?? wake.name ?? wake.kind ?? "") : "");

/** A step's own details, without texts. */
function inWords({ agent: _agent, ms: _ms, ...details }: JsonObject): string {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(", ");
}

const MOST = 90;

function short(value: Json | undefined): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  const line = text.replace(/\s+/g, " ");
  return cutShort(line, MOST);
}
