import { spokenIn } from "../../agents/message-reading.ts";
import { newCustomer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { createScriptedModel } from "../../models/scripted.ts";
import { NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { type AgentCase, type AgentSuite, caseFor, trial } from "./trial.ts";

/** A text and the moment it means; none if it is about something else. */
export interface LabelledText {
  readonly id: string;
  readonly text: string;
  readonly label: string | undefined;
}

/** Moments with their training sentences, and texts to classify. */
export interface ReadingSet {
  readonly name: string;
  readonly examples: Readonly<Record<string, readonly string[]>>;
  readonly texts: readonly LabelledText[];
}

/** Topics of texts: the signal interpreter, scored by its most confident moment. */
export function interpretationSuite({ name, examples, texts }: ReadingSet): AgentSuite {
  const moments = Object.entries(examples).map(
    ([label, says]) => `  ${label}: {on: message.received, expires: 2d, says: ${JSON.stringify(says)}}`,
  );
  const policy = policyOf(`moments:\n${moments.join("\n")}`, [`serves: [${Object.keys(examples)[0]}]`]);
  return {
    name,
    policy,
    prompts: ["read-message"],
    measures: {
      rules: "the classifier, learned from the sentences of the workspace",
      right: "whether the checks let right answers through",
      wrong: "whether names nobody defined and quotes nobody wrote stay out",
    },
    cases: texts.map((one) => caseOf(one, policy)),
  };
}

// --- internal ---

function caseOf({ id, text, label }: LabelledText, policy: Policy): AgentCase {
  return {
    id,
    async run(model, runId) {
      const one = caseFor(runId, text);
      if (one.wake.kind !== "signal") throw new Error("a message is a signal");
      const customer = newCustomer("c-1", { kind: "import", at: NOW });
      const spoken = (await spokenIn(one.wake.signal, customer, one, { policy, model })) ?? [];
      const [best] = [...spoken].sort((a, b) => b.confidence - a.confidence);
      const named = spoken.map(({ name }) => name);
      const steps = one.steps;
      const passed = best?.name === label;
      return trial(steps, {
        passed,
        held: named.every((name) => policy.moments.some((moment) => moment.name === name)),
        own: steps.some(({ read, kept, void: voided }) => Array.isArray(read) && !kept && (read.length > 0 || voided === 0)),
        ...(passed ? {} : { because: whyNot(label, best?.name) }),
      });
    },
    right: () =>
      createScriptedModel([
        { prompt: "read-message", says: { moments: label === undefined ? [] : [{ name: label, confidence: 0.9, quote: text }] } },
      ]),
    wrong: () => createScriptedModel([{ prompt: "read-message", says: { moments: [invented(text), misquoted(policy, label)] } }]),
  };
}

const whyNot = (wanted: string | undefined, got: string | undefined): string =>
  wanted === undefined ? "found something in a text about something else" : got === undefined ? "found nothing" : "found another moment";

const invented = (text: string) => ({ name: "send_everything_for_free", confidence: 1, quote: text });

/** A moment that the text does not mean, with an invented quote. */
const misquoted = ({ moments }: Policy, label: string | undefined) => ({
  name: moments.find(({ name }) => name !== label)?.name ?? "none",
  confidence: 1,
  quote: "I hereby agree to everything",
});
