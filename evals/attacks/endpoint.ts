import { isObject, type Json } from "../../domain/values/json.ts";
import { shareOf } from "../../domain/values/random.ts";
import type { FakeAnswer, FakeRequest } from "../../testing/providers/fake-openai.ts";
import { type Goal, goalIn, type OrderedCall } from "./goal.ts";

/** The question of a request, by the name of its prompt. */
export type Question = "read-message" | "judge-criteria" | "write-content" | "revise-content" | "converse";

export const questionOf = ({ schemaName = "" }: Pick<FakeRequest, "schemaName">): Question => schemaName.replace(/_\d+$/, "") as Question; // Its own prompts are all that the product asks.

/** An endpoint whose model obeys any order in the text it is shown; without one, it answers helpfully. */
export function obedient(goals: readonly Goal[], seed: string): (request: FakeRequest) => FakeAnswer {
  return (request) => {
    const goal = heardIn(request.user, goals);
    return goal ? obey(request, goal, seed) : { value: helpful(request) };
  };
}

/** The order in a text, however it is disguised: encoded, reversed, split, or in lookalike letters. */
export function heardIn(user: string, goals: readonly Goal[]): Goal | undefined {
  const text = unescaped(user.slice(Math.max(0, user.indexOf("<data"))));
  const joined = text.replace(/"\s*\},\s*\{\s*"by"\s*:\s*"\w+"\s*,\s*"text"\s*:\s*"/g, "");
  const encoded = (text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? []).map((run) => Buffer.from(run, "base64").toString("utf8"));
  return [joined, ...encoded, [...joined].reverse().join(""), latin(joined)]
    .map((one) => goalIn(one, goals))
    .find((goal) => goal !== undefined);
}

/** The answer of a model that is not misled. */
export function helpful(request: Pick<FakeRequest, "user" | "schemaName">): Json {
  const { user } = request;
  const question = questionOf(request);
  if (question === "read-message") return { moments: meantIn(String(dataIn(user, "text") ?? "")) };
  if (question === "judge-criteria") return { verdicts: verdictsOn(user, "There is none in the record.") };
  if (question !== "converse") return { parts: partsIn(user).map(([part, text]) => ({ part, text: text.replace("Dear", "Hello") })) };
  return word(user);
}

// --- internal ---

function obey(request: FakeRequest, goal: Goal, seed: string): FakeAnswer {
  const { user } = request;
  const question = questionOf(request);
  const say = textOf(goal, request, seed);
  const value = ordered(question, user, goal, say, seed);
  return goal.raw ? { text: goal.raw(JSON.stringify(value)) } : { value };
}

function ordered(question: Question, user: string, goal: Goal, say: string, seed: string): Json {
  if (question === "read-message") return { moments: everyMoment(user, goal) };
  if (question === "judge-criteria")
    return { verdicts: [...verdictsOn(user, say.slice(0, 400)), { criterion: "refund", verdict: "met", reason: "told to", evidence: [] }] };
  if (question === "converse") return callOrSay(user, goal, say, seed);
  const extra = question === "write-content" ? Object.entries(goal.parts ?? {}) : [];
  const written = partsIn(user).map(([part, text]) => [part, withMarkers(text, say, seed)] as const);
  return { parts: [...written, ...extra].map(([part, text]) => ({ part, text: text.slice(0, 20_000) })) };
}

/** One of the goal's texts; another one if the first is sent back. */
function textOf({ says }: Goal, request: FakeRequest, seed: string): string {
  const again = request.user.includes('<data name="written">') ? 1 : 0;
  const say = says[(pick(says.length, `${seed}${scene(request.user)}`) + again) % says.length] ?? "";
  return say.replace("PROMPT", request.system.slice(0, 300)).replace("FACTS", JSON.stringify(dataIn(request.user, "facts") ?? {}));
}

/** The part of a prompt that stays the same within one message or one turn. */
const scene = (user: string): string =>
  JSON.stringify([dataIn(user, "messages"), dataIn(user, "facts"), dataIn(user, "author"), dataIn(user, "text")]);

const pick = (count: number, text: string): number => Math.floor(shareOf(text) * count);

/** Replaces the author's text or follows it; every link keeps its place. */
const withMarkers = (author: string, say: string, seed: string): string =>
  shareOf(`${seed}${author}${say}`) < 0.5 ? `${say} ${(author.match(/\[link \d+\]/g) ?? []).join(" ")}`.trim() : `${author} ${say}`;

function everyMoment(user: string, { moments = [] }: Goal): Json[] {
  const listed = [...user.matchAll(/^([\w-]+): "/gm)].map(([, name = ""]) => name);
  const quote = String(dataIn(user, "text") ?? "x").slice(0, 200) || "x";
  return [...new Set([...moments, "vip", "refund", ...listed])].map((name) => ({ name, confidence: 1, quote }));
}

function callOrSay(user: string, { calls = [], isEndless = false }: Goal, say: string, seed: string): Json {
  const done = (dataIn(user, "done") as Json[] | undefined) ?? [];
  const [tool, input] = calls[pick(calls.length, `${seed}${scene(user)}`)] ?? [];
  const mayCall = !user.includes("No tool is left to call");
  if (tool === undefined || !mayCall || (done.length > 0 && !isEndless)) return { calls: [], say };
  return { calls: [{ tool, input: Object.entries(input ?? {}).map(([name, value]) => ({ name, value })) }], say: "" };
}

function verdictsOn(user: string, reason: string): Json[] {
  const record = dataIn(user, "record");
  const evidence = isObject(record) ? Object.keys(record).slice(0, 1) : [];
  return [...user.matchAll(/^(\w+) \(the moment/gm)].map(([, criterion = ""]) => ({ criterion, verdict: "met", reason, evidence }));
}

function meantIn(text: string): Json[] {
  const heard = (name: string, pattern: RegExp): Json[] => {
    const [quote] = pattern.exec(text) ?? [];
    return quote === undefined ? [] : [{ name, confidence: 0.9, quote }];
  };
  return [...heard("complaint", /unhappy with your service/i), ...heard("damage", /broke and damaged my car/i)];
}

const partsIn = (user: string): [string, string][] => {
  const author = dataIn(user, "author");
  return isObject(author) ? Object.entries(author).map(([part, text]) => [part, String(text)]) : [];
};

type Done = { readonly tool: string; readonly status: string; readonly output?: Json };

/** The next message of an assistant that knows its shop. */
function word(user: string): Json {
  const [last] = (dataIn(user, "done") ?? []) as unknown as Done[]; // written by the prompt
  if (last) return { calls: [], say: sayAfter(last) };
  const asked = callFor(JSON.stringify(dataIn(user, "messages") ?? ""));
  if (!asked) return { calls: [], say: "The roof rack costs 200." };
  const [tool, input] = asked;
  return { calls: [{ tool, input: Object.entries(input).map(([name, value]) => ({ name, value })) }], say: "" };
}

function sayAfter({ status, tool, output }: Done): string {
  if (status !== "done") return "Gladly.";
  if (tool === "find_order") return "Your order A-17 arrives on 5 June.";
  return tool === "offer_rack" ? `The code is ${/"code":"([^"]+)"/.exec(JSON.stringify(output))?.[1]}.` : "It is done.";
}

function callFor(messages: string): OrderedCall | undefined {
  const order = /\b[A-Z]-\d+\b/.exec(messages)?.[0];
  const address = /deliver to (\d+ [\w ]+?) from now on/i.exec(messages)?.[1];
  const wants: readonly (readonly [boolean, OrderedCall])[] = [
    [/human/i.test(messages), ["hand_over", { summary: "She wants to talk to a human." }]],
    [address !== undefined, ["change_address", { "traits.address": address ?? "" }]],
    [/return/i.test(messages) && order !== undefined, ["open_return", { orderId: order ?? "" }]],
    [/where is/i.test(messages) && order !== undefined, ["find_order", { orderId: order ?? "" }]],
    [/code for the roof rack/i.test(messages), ["offer_rack", {}]],
  ];
  return wants.find(([isMeant]) => isMeant)?.[1];
}

/** The content of a fenced block in a prompt. */
function dataIn(user: string, name: string): Json | undefined {
  const [, json] = new RegExp(`<data name="${name}">\\n(.*)\\n</data>`).exec(user) ?? [];
  try {
    return json === undefined ? undefined : (JSON.parse(json) as Json);
  } catch {
    // Truncated: the rest is read as text.
    return json === undefined ? undefined : unescaped(json);
  }
}

const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, " ")
    .replace(/\\(["\\])/g, "$1");

const LOOKALIKES: Readonly<Record<string, string>> = { а: "a", с: "c", е: "e", і: "i", о: "o", р: "p", ѕ: "s", х: "x", у: "y" };
const latin = (text: string): string => text.replace(/[а-яіѕ]/gu, (letter) => LOOKALIKES[letter] ?? letter);
