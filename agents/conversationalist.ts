import { answerFields, type ChannelRule, type Policy } from "../domain/entities/policy.ts";
import type { Assignment } from "../domain/text/assignment.ts";
import { speaksForOthers } from "../domain/text/claims.ts";
import { findingsOn, LINK_MARKER } from "../domain/text/gate.ts";
import { oneLine } from "../domain/text/visible-text.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { defineAgent } from "./agent.ts";
import { handOffChanges } from "./hand-off.ts";
import { folded, partsOf, type TextParts } from "./text-parts.ts";
import { type Turn, type TurnEnd, type TurnStep, WAITS } from "./turn.ts";
import { doIt, silence } from "./use-tool.ts";

const AGENT = "conversationalist";

/** Does what the customer has confirmed before anything is said; drops what was not confirmed. */
const confirm: TurnStep = async (turn, context) => {
  const { pending, delivery, conversation } = turn;
  if (await context.isTakenOver(delivery.customerId)) return silence(turn);
  if (context.isPaused) turn.handOff ??= { why: "the assistant is paused" };
  if (context.isPaused || !pending || !isYes(turn.messages)) return endOf(turn);
  for (const asked of pending.asked) {
    const tool = conversation.tools.find(({ name }) => name === asked.tool);
    if (tool) await doIt(turn, tool, asked, `${pending.deliveryId}:confirmed`, context);
    // Requested by another experience, with a tool that this one does not have.
    else turn.handOff ??= { why: `the customer has confirmed ${asked.tool}, which this experience cannot do` };
  }
  return endOf(turn);
};

/** The assistant calls tools and writes the answer. */
const talk: TurnStep = async (turn, context) => {
  const { model } = context;
  if (!model) turn.handOff ??= { why: "there is no language model to answer" };
  if (!model) return endOf(turn);
  turn.tries++;
  // Loaded lazily: importing LangChain takes longer than a decision, and most runs never converse.
  const { takeWord } = await import("./take-word.ts");
  turn.said = await takeWord(turn, { ...context, model });
  return endOf(turn);
};

/** Rejects statements that neither the author, the facts nor tool outputs support. */
const check: TurnStep = async (turn, { policy }) => {
  turn.findings = findingsOn({ text: turn.said ?? "" }, assignmentOf(turn, policy));
  turn.steps.push({ agent: AGENT, ms: 0, wrote: turn.said ?? "", findings: [...turn.findings] });
  if (turn.findings.length === 0) return "on";
  if (turn.tries < 2) return "revise";
  turn.handOff = { why: "what the assistant wrote did not pass its checks" };
  return "hand_off";
};

/** Makes the accepted words the text of the delivery, with the additions that code makes. */
const answer: TurnStep = async (turn, { policy }) => {
  const { delivery, conversation, done } = turn;
  const declared = policy.channels[delivery.channel]?.text ?? {};
  const parts = partsOf(delivery.content ?? {}, declared);
  const introduction = conversation.introduces ?? `I am the automated assistant of ${policy.name}.`;
  const said = [...(turn.isFirst ? [introduction] : []), turn.said ?? "", ...questions(turn)].join("\n\n");
  const missing = (policy.brand?.disclosures ?? []).filter((sentence) => !said.includes(sentence));
  delivery.content = parts.assemble({ ...parts.parts, [answerField(parts, declared)]: [said, ...missing].join("\n\n") });
  const proposes = done.filter(({ status }) => status === WAITS).map(({ tool, input }) => ({ tool, input: { ...input } }));
  end(turn, { ended: "answered", ...(proposes.length > 0 ? { proposes } : {}) });
  return "on";
};

/** The human gets everything that is known; the customer gets the author's text, and the reply stays owed. */
const handOff: TurnStep = async (turn, context) => {
  holdBackSummary(turn, context.policy);
  await context.keepOpen(turn.delivery.deliveryId);
  await context.change(turn.delivery, (customer) => handOffChanges(turn, customer, context));
  turn.steps.push({ agent: AGENT, ms: 0, handedOver: turn.handOff?.why ?? "" });
  end(turn, { ended: "handed_over", why: turn.handOff?.why ?? "" });
  return "on";
};

/**
 * Answers messages that need more than a text: looks things up, does what the customer wants, and hands off where it cannot
 * help.
 */
export const conversationalist = defineAgent({
  name: AGENT,
  purpose: "Answers what a customer has written, with the tools that its experience allows, or leaves it to a human.",
  tools: ["*"],
  steps: { confirm, talk, check, answer, hand_off: handOff },
});

// --- internal ---

const endOf = ({ isSilent, handOff }: Turn): TurnEnd => (isSilent ? "silent" : handOff ? "hand_off" : "on");

function end({ delivery }: Turn, conversation: JsonObject): void {
  delivery.action = { ...delivery.action, conversation };
}

/** The human reads the customer's own messages; the assistant's summary is left out where it claims more than they do. */
function holdBackSummary(turn: Turn, policy: Policy): void {
  const { handOff: given, messages } = turn;
  if (given?.summary === undefined) return;
  const { author, ...rest } = assignmentOf(turn, policy);
  const findings = findingsOn({ text: given.summary }, { ...rest, author: { text: [author.text, ...messages].join("\n") }, quoted: [] });
  if (findings.length === 0 && !speaksForOthers(given.summary)) return;
  turn.handOff = { why: given.why };
  turn.steps.push({ agent: AGENT, ms: 0, heldBack: "summary", findings });
}

/** Words of consent, which may be combined with each other and with polite words. */
const YES = new Set([
  "yes",
  "yep",
  "yeah",
  "y",
  "ok",
  "okay",
  "sure",
  "confirm",
  "confirmed",
  "ja",
  "oui",
  "sí",
  "si",
  "sì",
  "sim",
  "da",
  "tak",
  "jo",
]);
const ASKS = new Set(["please do", "do it", "go ahead", "please go ahead", "please do it", "i confirm"]);
const POLITE = new Set(["please", "do", "it", "that", "thanks", "thank", "you", "thx", "bitte", "danke", "gern", "merci", "gracias"]);

/** A customer confirms with a message that says only so and withdraws nothing. */
function isYes(messages: readonly string[]): boolean {
  const said = messages.map((text) =>
    folded(text)
      .replace(/[.!,]+/g, " ")
      .trim()
      .split(/\s+/),
  );
  return said.some(saysYes) && said.every((words) => saysYes(words) || words.every((word) => POLITE.has(word)));
}

/** Every word must be known: an unknown one might withdraw the consent. */
const saysYes = (words: readonly string[]): boolean =>
  ASKS.has(words.join(" ")) || (words.some((word) => YES.has(word)) && words.every((word) => YES.has(word) || POLITE.has(word)));

/** Maximum characters of an answer where this version does not know the channel. */
const MAX_OF_ANSWER = 3_000;

/** An action awaiting confirmation, as it will be done. */
function questions({ done, conversation }: Turn): string[] {
  return done.flatMap(({ tool, input, status }) => {
    const question = conversation.tools.find(({ name }) => name === tool)?.confirm;
    if (status !== WAITS || question === undefined) return [];
    return [`${question}\n${Object.values(input).map(oneLine).join("\n")}\n(yes / no)`];
  });
}

/** The content field that holds the answer. */
const answerField = ({ parts }: TextParts, text: ChannelRule["text"]): string =>
  answerFields({ text }).find((field) => field in parts) ?? "text";

function assignmentOf(turn: Turn, { name, brand = {}, channels }: Policy): Assignment {
  const { delivery, conversation, done, messages } = turn;
  const declared = channels[delivery.channel]?.text ?? {};
  const parts = partsOf(delivery.content ?? {}, declared);
  const { answer: most = MAX_OF_ANSWER, alphabet } = declared[answerField(parts, declared)] ?? {};
  const author = Object.values(parts.parts).join("\n").replace(LINK_MARKER, " ");
  const { customer } = delivery.frozen;
  return {
    author: { text: [author, conversation.brief].join("\n") },
    rules: { text: { most, isOneLine: false, isSms: alphabet === "gsm7" } },
    facts: {
      ...(isObject(customer) ? (customer as JsonObject) : {}),
      ...Object.fromEntries(
        done.filter(({ status }) => status === "done").map(({ tool, output = null }, n) => [`${tool}${n}`, output as Json]),
      ),
    },
    quoted: [...messages, ...done.filter(({ status }) => status !== "refused").flatMap(({ input }) => Object.values(input))],
    names: [name],
    otherNames: [],
    // Code adds missing disclosures.
    brand: { ...brand, disclosures: [] },
  };
}
