import { worded } from "../../agents/wording.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { createScriptedModel } from "../../models/scripted.ts";
import { policyOf } from "../../testing/policy.ts";
import { type AgentCase, type AgentSuite, trial } from "./trial.ts";
import { ASSIGNMENTS, type Assignment, BRAND } from "./writing-tasks.ts";

/** Texts to write from a brief: the content generator, scored by code on the outgoing text. */
export function writingSuite(): AgentSuite {
  const policy = policyOf(
    `name: Northwind\nchannels: {mail: {kind: smtp, url: "smtp://127.0.0.1", from: care@northwind.example}, sms: {kind: twilio, accountSid: AC1, authToken: t, from: "+15550100"}, box: {kind: file}}\nbrand: ${JSON.stringify(BRAND)}`,
    ASSIGNMENTS.map(({ id, channel, author, brief }) => `id: ${id}\nchannels: {${channel}: ${JSON.stringify({ ...author, brief })}}`),
  );
  return {
    name: "writing/own",
    policy,
    prompts: ["write-content", "revise-content"],
    measures: {
      rules: "the author's own texts",
      right: "whether the gate lets good words through",
      wrong: "whether invented facts, promises, links and banned words stay in, after one revision",
    },
    cases: ASSIGNMENTS.map((one) => caseOf(one, policy)),
  };
}

// --- internal ---

function caseOf(one: Assignment, policy: Policy): AgentCase {
  const { id, channel, author, facts, good, bad } = one;
  const says = (prompt: string, text: string) => ({ prompt, says: { parts: [...partsOf(author, text)] } });
  return {
    id,
    async run(model, runId) {
      const steps: Parameters<typeof worded>[3] = [];
      const fields = await worded(
        { experienceId: id, channel, runId, fields: { ...author }, facts, action: {}, quoted: [] },
        policy,
        model,
        steps,
      );
      const text = Object.values(fields).map(String).join("\n");
      const faults = faultsIn(text, one);
      const own = steps.some(({ wrote }) => wrote === "model");
      const passed = faults.length === 0 && (own || !model);
      return trial(steps, {
        passed,
        held: faults.every((fault) => fault === "voice"),
        own,
        ...(passed ? {} : { because: faults[0] ?? "the author's text went out" }),
      });
    },
    right: () => createScriptedModel([says("write-content", good), says("revise-content", good)]),
    wrong: () => createScriptedModel([says("write-content", bad), says("revise-content", bad)]),
  };
}

/** The author's parts, the longest with another text. */
function partsOf(author: JsonObject, text: string): { part: string; text: string }[] {
  const names = Object.keys(author);
  const main = names.includes("body") ? "body" : "text";
  return names.map((part) => ({ part, text: part === main ? text : String(author[part]) }));
}

/** Faults of an outgoing text, found by code that is independent of the content gate. */
function faultsIn(text: string, { keeps, most, voice }: Assignment): string[] {
  const folded = text.toLowerCase();
  const figures = (text.match(/\d[\d.,:]*\d|\d/g) ?? []).filter((figure) => !keeps.some((kept) => kept.includes(figure)));
  return [
    ...(keeps.every((kept) => text.includes(kept)) ? [] : ["a fact is missing"]),
    ...(figures.length > 0 ? ["a figure that nobody gave"] : []),
    ...(BRAND.disclosures.every((sentence) => text.includes(sentence)) ? [] : ["a disclosure is missing"]),
    ...(BRAND.banned.some((phrase) => folded.includes(phrase)) ? ["a banned phrase"] : []),
    ...(/https?:|www\./.test(text.replaceAll("https://northwind.example/lease", "")) ? ["a link that nobody gave"] : []),
    ...(text.length > most ? ["too long"] : []),
    ...(voice.test(text) ? [] : ["voice"]),
  ];
}
