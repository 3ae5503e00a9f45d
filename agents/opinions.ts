import { createHash } from "node:crypto";
import type { OpenCriteria, OpenCriterion } from "../domain/deciding/criteria.ts";
import type { Opinion } from "../domain/deciding/funnel.ts";
import type { Answer, ModelFailure } from "../domain/entities/model-answer.ts";
import { oneLine } from "../domain/text/visible-text.ts";
import { cut } from "../domain/values/cut.ts";
import { canonicalJson, type Json } from "../domain/values/json.ts";
import { type CriteriaToJudge, judgeCriteria, Verdict } from "../prompts/judge-criteria.ts";
import type { LanguageModel } from "./agent.ts";
import type { WakeRun } from "./wake-run.ts";

/**
 * The language model's verdicts on plain-language criteria, by experience; all that are not cached go into one question. An
 * opinion may only narrow: a met criterion leaves the candidate as the rules left it.
 */
export async function opinionsOn(
  { today, criteria }: OpenCriteria,
  one: WakeRun,
  model: LanguageModel,
): Promise<ReadonlyMap<string, Opinion>> {
  const asker = { agent: AGENT, runId: one.runId, steps: one.steps };
  const keyed = criteria.map(
    (criterion, index): Keyed => ({ ...criterion, id: `c${index + 1}`, key: keyOf(criterion, today, model.name) }),
  );
  const remembered = new Map(keyed.flatMap(({ id, key }) => verdictIn(model.memory.get(key), id)));
  const unknown = keyed.filter(({ id }) => !remembered.has(id));
  const answer = unknown.length > 0 ? await model.ask(judgeCriteria, questionOf(unknown, today), asker) : undefined;
  const opinions = keyed.map((criterion): [string, Opinion] => {
    const known = remembered.get(criterion.id);
    const verdict = known ?? (answer?.ok ? soundVerdict(criterion, answer.value.verdicts) : undefined);
    const opinion = typeof verdict === "object" ? opinionOf(criterion, verdict) : unavailable(criterion, verdict ?? failureOf(answer));
    if (typeof verdict === "object") model.memory.set(criterion.key, verdict as Json);
    return [criterion.experience.id, opinion];
  });
  for (const [index, [experience, opinion]] of opinions.entries())
    one.steps.push({ agent: AGENT, ms: 0, experience, criterion: keyed[index]?.ask ?? "", ...opinion });
  return new Map(opinions);
}

// --- internal ---

const AGENT = "eligibility-judge";

interface Keyed extends OpenCriterion {
  readonly id: string;
  readonly key: string;
}

/** Cache key: the same criterion on the same part of the record, for the same model, has the same verdict. */
const keyOf = ({ ask, moment, record }: OpenCriterion, today: string, model: string): string =>
  createHash("sha256")
    .update(canonicalJson([`${judgeCriteria.name}@${judgeCriteria.version}`, model, today, moment.name, ask, record]))
    .digest("hex");

function verdictIn(known: Json | undefined, id: string): [string, Verdict][] {
  const verdict = Verdict.safeParse(known);
  return verdict.success ? [[id, verdict.data]] : [];
}

/** Why a verdict does not count, in words. */
type UnsoundVerdict = `the language model${string}`;

/** The single verdict on a criterion, or why it does not count: invented evidence voids it. */
function soundVerdict({ id, record }: Keyed, verdicts: readonly Verdict[]): Verdict | UnsoundVerdict {
  const own = verdicts.filter(({ criterion }) => criterion === id);
  const [verdict] = own;
  if (!verdict || own.length > 1) return `the language model gave ${own.length} verdicts on it`;
  if (verdict.verdict === "unsure") return verdict;
  const missing = verdict.evidence.filter((name) => !Object.hasOwn(record, name));
  if (missing.length > 0) return `the language model's verdict rests on ${missing.length} fields that are not in the record`;
  return verdict.evidence.length > 0 ? verdict : "the language model's verdict rests on no field of the record";
}

function opinionOf(criterion: Keyed, { verdict, reason, evidence }: Verdict): Opinion {
  const said = `${quoted(reason)}${evidence.length > 0 ? ` (${evidence.map(quoted).join(", ")})` : ""}`;
  if (verdict === "met") return { pass: true, code: "eligible", reason: said, decidedBy: "model" };
  if (verdict === "not_met") return { pass: false, code: "judge_declined", reason: said, decidedBy: "model" };
  const pass = criterion.experience.judge?.without === "pass";
  return {
    pass,
    code: pass ? "eligible" : "judge_declined",
    reason: `the language model is not sure: ${quoted(reason)}`,
    decidedBy: "model",
  };
}

function questionOf(criteria: readonly Keyed[], today: string): CriteriaToJudge {
  return {
    today,
    criteria: criteria.map(({ id, ask, moment }) => ({ id, ask, moment: moment.name })),
    record: Object.assign({}, ...criteria.map(({ record }) => record)) as Record<string, Json>,
  };
}

const failureOf = (answer: Answer<unknown> | undefined): ModelFailure => (answer && !answer.ok ? answer.failure : "interrupted");

/** The result without a model, or when the answer does not count. */
function unavailable({ experience, ask }: Keyed, failure: ModelFailure | UnsoundVerdict): Opinion {
  const pass = experience.judge?.without === "pass";
  const code = failure === "budget_spent" ? "budget_spent" : "judge_unavailable";
  const why = failure.includes(" ") ? failure : `the language model gave no answer (${failure})`;
  return { pass, code: pass ? "eligible" : code, reason: `${why}: ${ask}`, decidedBy: "agent" };
}

/** A sentence of the model, as shown in a reason. */
const quoted = (text: string): string => cut(oneLine(text), 300);
