import type { z } from "zod";
import { routeOfDelivery } from "../domain/deciding/locale.ts";
import type { Answer } from "../domain/entities/model-answer.ts";
import { competes, type Experience, experienceOf, type Policy, type Route } from "../domain/entities/policy.ts";
import type { Assignment } from "../domain/text/assignment.ts";
import { findingsOn, LINK_MARKER } from "../domain/text/gate.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { languageName } from "../domain/values/language-tag.ts";
import { type ContentToWrite, reviseContent, type WrittenParts, writeContent } from "../prompts/write-content.ts";
import type { LanguageModel } from "./agent.ts";
import { hasAddress, isAddress, partsOf, type TextParts, textsIn } from "./text-parts.ts";
import type { Step } from "./wake-run.ts";

/** The author's text and the brief by which a model may reword it. */
export interface TextToWord {
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string | undefined;
  readonly locale?: string | undefined;
  readonly runId: string;
  /** The author's text, rendered. */
  readonly fields: JsonObject;
  /** What the author's text reads from the customer's record. */
  readonly facts: JsonObject;
  readonly action: JsonObject;
  /** Third-party texts that it may repeat. */
  readonly quoted: readonly string[];
}

/**
 * The text that goes out: the model's where one is allowed and its text passes every check, with one retry on the findings;
 * otherwise the author's. Texts and findings are recorded in the steps.
 */
export async function worded(given: TextToWord, policy: Policy, model: LanguageModel | undefined, steps: Step[]): Promise<JsonObject> {
  const experience = experienceOf(policy, given.experienceId);
  const route = experience && routeOfDelivery(experience.routes, given);
  const brief = route?.brief;
  if (!model || !experience || !route || brief === undefined) return given.fields;
  const text = partsOf(given.fields, policy.channels[given.channel]?.text ?? {});
  const asker = { agent: AGENT, runId: given.runId, steps };
  const note = (wrote: "model" | "author", details: { readonly [key: string]: Json }) =>
    void steps.push({ agent: AGENT, ms: 0, wrote, experience: experience.id, ...wayOf(route), ...details });
  const obstacle = whyAuthorOnly(text, given);
  if (obstacle !== undefined) {
    note("author", { because: obstacle });
    return given.fields;
  }
  const assignment = assignmentOf(text, given, { experience, route }, policy);
  const task = taskOf(brief, text, assignment, policy);
  const tries: Try[] = [];
  for (const attempt of [1, 2]) {
    const [before] = tries;
    const answer = before
      ? await model.ask(reviseContent, { ...task, written: before.written, findings: before.findings }, asker)
      : await model.ask(writeContent, task, asker);
    if (!answer.ok) {
      note("author", { because: `the language model gave no answer (${answer.failure})`, tries: asJson(tries) });
      return given.fields;
    }
    const tried = tryOf(answer, assignment);
    tries.push(tried);
    if (tried.findings.length > 0) continue;
    note("model", { revised: attempt > 1, tries: asJson(tries) });
    return text.assemble(tried.written);
  }
  note("author", { because: "what the language model wrote did not pass its checks", tries: asJson(tries) });
  return given.fields;
}

// --- internal ---

const AGENT = "content-generator";

const wayOf = ({ channel, variant, locale }: Route): { readonly [key: string]: Json } => ({
  channel,
  ...(variant === undefined ? {} : { variant }),
  ...(locale === undefined ? {} : { locale }),
});

/** Longer than names of people, things and places. */
const MAX_OF_A_FACT = 60;

/**
 * Why only the author may word a text: it has no wordable part, or it repeats long third-party texts. Third-party prose could
 * inject instructions into the model, and a link in it would look like ours.
 */
function whyAuthorOnly({ parts }: TextParts, { fields, facts, action, quoted }: TextToWord): string | undefined {
  if (Object.keys(parts).length === 0) return "the text has no part that a model may word";
  const said = squeezed(textsIn(fields).join("\n"));
  const others = [...textsIn(facts), ...textsIn(action), ...quoted];
  const isRepeated = others.some((value) => (said.includes(squeezed(value)) ? isProse(value) : isCut(value, said)));
  return isRepeated ? "the text repeats what others wrote at length" : undefined;
}

const isProse = (value: string): boolean =>
  (value.length > MAX_OF_A_FACT && !isAddress(value)) || /[\r\n]/.test(value.trim()) || (hasAddress(value) && !isAddress(value));

/**
 * Whether two consecutive words of a value occur in a text that does not contain the whole value: an excerpt cannot be told
 * from our own words.
 */
function isCut(value: string, said: string): boolean {
  const words = squeezed(value).split(" ");
  return words.slice(1).some((word, index) => `${words[index]} ${word}`.length > 5 && said.includes(`${words[index]} ${word}`));
}

const squeezed = (text: string): string => text.replace(/\s+/g, " ").trim().toLowerCase();

interface Try {
  readonly written: Readonly<Record<string, string>>;
  readonly findings: readonly string[];
}

const asJson = (tries: readonly Try[]): Json =>
  tries.map(({ written, findings }) => ({ written: { ...written }, findings: [...findings] }));

function tryOf(answer: Answer<z.infer<typeof WrittenParts>> & { readonly ok: true }, assignment: Assignment): Try {
  const { parts } = answer.value;
  const written = Object.fromEntries(parts.map(({ part, text }) => [part, text]));
  const twice = parts.length > Object.keys(written).length ? ["a part is there twice"] : [];
  return { written, findings: [...twice, ...findingsOn(written, assignment)] };
}

interface Worded {
  readonly experience: Experience;
  readonly route: Route;
}

function assignmentOf(text: TextParts, { facts, action, quoted }: TextToWord, { experience, route }: Worded, policy: Policy): Assignment {
  const others = policy.experiences.filter((one) => one.id !== experience.id && competes(one)).map(({ name }) => name);
  return {
    author: text.parts,
    rules: text.rules,
    facts: { ...facts, ...action },
    quoted,
    names: [policy.name],
    // A name of one plain word may occur in other texts.
    otherNames: others.filter((name) => /\s/.test(name) && !experience.name.includes(name)),
    brand: policy.brand ?? {},
    ...(route.language === undefined ? {} : { language: route.language }),
  };
}

function taskOf(brief: string, { parts, rules }: TextParts, { facts, language }: Assignment, { name, brand = {} }: Policy): ContentToWrite {
  const { voice, do: wanted = [], dont = [], banned = [], disclosures = [], languages = [] } = brand;
  return {
    brief,
    brand: { name, ...(voice === undefined ? {} : { voice }), do: wanted, dont, banned, disclosures, languages },
    author: parts,
    lengths: Object.fromEntries(Object.entries(rules).map(([part, { most }]) => [part, most])),
    links: Object.entries(parts).flatMap(([part, text]) => (text.match(LINK_MARKER) ?? []).map((marker) => `${marker} in ${part}`)),
    facts,
    ...(language === undefined ? {} : { language: `${languageName(language)} (${language})` }),
  };
}
