import { opinionsOn } from "../../agents/opinions.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { createScriptedModel } from "../../models/scripted.ts";
import { aMoment } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { JUDGED, type JudgedRecord, NO_SUCH_FIELD } from "./judged-records.ts";
import { type AgentCase, type AgentSuite, caseFor, trial } from "./trial.ts";

/** Criteria in plain words on records: the eligibility judge, scored by whether the candidate stays. */
export function judgingSuite(): AgentSuite {
  const asks = [...new Set(JUDGED.map(({ ask }) => ask))];
  const policy = policyOf(
    "moments: {m: {on: go, expires: 30d}}",
    asks.map((ask, index) => `id: e${index}\njudge: ${JSON.stringify(ask)}`),
  );
  return {
    name: "judging/own",
    policy,
    prompts: ["judge-criteria"],
    measures: {
      rules: "what holds without a model: nothing that has to be judged goes out",
      right: "whether the checks let right verdicts through, with evidence that exists",
      wrong: "whether verdicts on evidence that does not exist are void",
    },
    cases: JUDGED.map((one) => caseOf(one, policy)),
  };
}

// --- internal ---

function caseOf({ id, ask, record, verdict, evidence }: JudgedRecord, policy: Policy): AgentCase {
  const experience = policy.experiences.find(({ judge }) => judge?.ask === ask);
  if (!experience) throw new Error(`no experience asks: ${ask}`);
  const criterion = { experience, moment: aMoment({ name: "m" }), ask, record: record as JsonObject };
  const says = (given: string, on: readonly string[]) =>
    createScriptedModel([
      {
        prompt: "judge-criteria",
        says: { verdicts: [{ criterion: "c1", verdict: given, reason: "as the record says", evidence: [...on] }] },
      },
    ]);
  return {
    id,
    async run(model, runId) {
      const one = caseFor(runId, "");
      const opinions = model ? await opinionsOn({ today: "2026-06-01", criteria: [criterion] }, one, model) : undefined;
      const opinion = opinions?.get(experience.id);
      // Without a verdict the candidate is out, unless its author states otherwise; none of these does.
      const passes = opinion?.pass ?? false;
      const passed = passes === (verdict === "met");
      return trial(one.steps, {
        passed,
        held: !passes || (opinion?.decidedBy === "model" && evidenceIn(opinion.reason).every((name) => name in record)),
        own: opinion?.decidedBy === "model",
        ...(passed ? {} : { because: passes ? "let somebody through" : "kept somebody out" }),
      });
    },
    right: () => says(verdict, evidence),
    wrong: () => says("met", [NO_SUCH_FIELD]),
  };
}

/** The fields that a verdict must rest on, at the end of its reason. */
const evidenceIn = (reason: string): string[] => (/\(([^()]*)\)$/.exec(reason)?.[1] ?? NO_SUCH_FIELD).split(", ");
