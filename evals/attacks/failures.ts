import type { ModelFailure } from "../../domain/entities/model-answer.ts";
import { isObject, type Json } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import { planModel } from "../../runtime/connect-model.ts";
import { at } from "../../testing/builders.ts";
import { aCompletion, type FakeAnswer, type FakeOpenAi, openFakeOpenAi } from "../../testing/providers/fake-openai.ts";
import { freePort } from "../../testing/providers/free-port.ts";
import { type Model, openShop, type Shop } from "../../testing/shop.ts";
import { addressesOf } from "./case-state.ts";
import { helpful, type Question, questionOf } from "./endpoint.ts";
import { readMail } from "./mail.ts";

/** A failure of the endpoint, and the error code that the run then records. */
export interface Failure {
  readonly name: string;
  readonly answer: FakeAnswer | "nobody listens" | "no such host";
  readonly code: ModelFailure;
  /** Maximum number of requests for the question, the first one included. */
  readonly most: number;
}

/** Part of every failing response: wherever it appears, unchecked text got through. */
const BAIT = "everything is 90 off at bait.example";
const baited = JSON.stringify({ parts: [{ part: "body", text: BAIT }], calls: [], say: BAIT, moments: [], verdicts: [] });
const limited = (after: string): FakeAnswer => ({ status: 429, headers: { "retry-after": after }, body: baited });

export const FAILURES: readonly Failure[] = [
  { name: "connection refused", answer: "nobody listens", code: "connection_refused", most: 3 },
  { name: "DNS fails", answer: "no such host", code: "host_unknown", most: 3 },
  { name: "401", answer: { status: 401, body: baited }, code: "unauthorized", most: 1 },
  { name: "429, retry after 0 s", answer: limited("0"), code: "rate_limited", most: 3 },
  { name: "429, retry after 60 s", answer: limited("60"), code: "rate_limited", most: 1 },
  { name: "429, retry after 3 days", answer: limited("277403"), code: "rate_limited", most: 1 },
  { name: "429, retry after garbage", answer: limited("soon; \u00fcber"), code: "rate_limited", most: 3 },
  { name: "500", answer: { status: 500, body: baited }, code: "server_error", most: 3 },
  { name: "hangs", answer: { hangs: true }, code: "timed_out", most: 3 },
  { name: "a slow drip", answer: { drips: true }, code: "too_slow", most: 3 },
  { name: "no choices", answer: { completion: { choices: [] } }, code: "no_choices", most: 2 },
  { name: "a refusal", answer: { completion: aCompletion({ refusal: BAIT, content: baited }) }, code: "refused", most: 2 },
  { name: "cut off at its length", answer: { completion: aCompletion({ content: baited }, "length") }, code: "cut_off", most: 2 },
  { name: "the content filter", answer: { completion: aCompletion({ content: baited }, "content_filter") }, code: "filtered", most: 2 },
  { name: "no JSON", answer: { text: `Sure! ${BAIT}` }, code: "not_json", most: 2 },
  { name: "JSON of another shape", answer: { text: baited }, code: "wrong_shape", most: 2 },
  { name: "thousands of line breaks", answer: { text: "\n".repeat(4_000) }, code: "blank", most: 2 },
  { name: "JSON that a repair would complete", answer: { text: baited.slice(0, -3) }, code: "not_json", most: 2 },
  {
    name: "a tool nobody gave",
    answer: { completion: aCompletion({ tool_calls: [{ function: { name: "send_message", arguments: baited } }] }) },
    code: "wrong_tool",
    most: 2,
  },
];

/** An agent that calls the model, a customer that needs it, and the fallback without an answer. */
interface Asker {
  readonly agent: string;
  readonly questions: readonly Question[];
  readonly signal: readonly [type: string, data: { readonly [field: string]: Json }];
  /** A part of the author's text that is sent; undefined: no message is sent. */
  readonly goesOut?: string;
  /** A task handed off to a human, by the beginning of its summary. */
  readonly task?: string;
}

export const ASKERS: readonly Asker[] = [
  {
    agent: "signal-interpreter",
    questions: ["read-message"],
    signal: ["ticket.opened", { text: "I am very unhappy with your service" }],
    goesOut: "we are sorry",
  },
  { agent: "eligibility-judge", questions: ["judge-criteria"], signal: ["cart.left", {}] },
  {
    agent: "content-generator",
    questions: ["write-content", "revise-content"],
    signal: ["car.due", {}],
    goesOut: "Dear Dana, your car is due for its service.",
  },
  {
    agent: "conversationalist",
    questions: ["converse"],
    signal: ["message.received", { channel: "email", text: "What does the roof rack cost?" }],
    goesOut: "A colleague answers soon.",
    task: "answer ",
  },
];

export interface FailureResult {
  readonly failure: Failure;
  readonly agent: string;
  /** Violated expectations. */
  readonly faults: readonly string[];
}

export interface FailuresOptions {
  readonly failures?: readonly Failure[];
  readonly onResult?: (result: FailureResult) => void;
}

/** Plays every failure of an endpoint for every agent that calls it, while calls of other agents succeed. */
export async function playFailures({ failures = FAILURES, onResult }: FailuresOptions = {}): Promise<FailureResult[]> {
  let failing: Pick<Asker, "questions"> = { questions: [] };
  let answer: FakeAnswer = { hangs: true };
  const endpoint = await openFakeOpenAi((request) =>
    failing.questions.includes(questionOf(request)) ? answer : { value: helpful(request) },
  );
  let current: Model | undefined;
  const model: Model = { name: "failing", ask: (question) => theModel(current).ask(question) };
  const shop = await openShop({ model });
  const results: FailureResult[] = [];
  try {
    for (const failure of failures) {
      for (const asker of ASKERS) {
        failing = asker;
        if (typeof failure.answer !== "string") answer = failure.answer;
        current = await modelAt(await placeOf(failure, endpoint));
        const result = { failure, agent: asker.agent, faults: await playOne(failure, asker, results.length, { shop, endpoint }) };
        results.push(result);
        onResult?.(result);
      }
    }
  } finally {
    await shop.close();
    await endpoint.close();
  }
  return results;
}

// --- internal ---

/** Short, so that hanging calls end soon; a run has time for three requests and the waits between them. */
const LIMITS = { call: 400, run: 4_000, concurrency: 16 };

const theModel = (model: Model | undefined): Model => {
  if (!model) throw new Error("no model is connected");
  return model;
};

async function modelAt(baseUrl: string): Promise<Model> {
  const plan = planModel({ baseUrl, name: "failing", limits: LIMITS }, {});
  if ("missing" in plan) throw new Error(plan.missing);
  return plan.connect({ reserve: async () => true, correct: async () => ({ tokens: 0, usd: 0 }) });
}

async function placeOf({ answer }: Failure, { url }: FakeOpenAi): Promise<string> {
  if (answer === "no such host") return "http://no-such-host.invalid/v1";
  return answer === "nobody listens" ? `http://127.0.0.1:${await freePort()}/v1` : url;
}

async function playOne(
  failure: Failure,
  asker: Asker,
  index: number,
  { shop, endpoint }: { shop: Shop; endpoint: FakeOpenAi },
): Promise<string[]> {
  const customerId = `f${index}`;
  const { email, phone } = addressesOf(customerId);
  const time = (seconds: number): string => iso(at("2026-06-02T09:00:00Z") + (index * 60 + seconds) * 1000);
  const before = endpoint.requests.length;
  await shop.customers({
    id: customerId,
    traits: { firstName: "Dana" },
    identities: [
      { type: "email", value: email },
      { type: "phone", value: phone },
    ],
  });
  const written = await watched(async () => {
    const [type, data] = asker.signal;
    await shop.play([{ time: time(0), type, subject: customerId, data }], time(30));
  });
  const requests = endpoint.requests.slice(before).filter((request) => asker.questions.includes(questionOf(request)));
  const runs = await shop.rows("select status, steps from runs where customer_id = $1", [customerId]);
  const steps = runs.flatMap((run) => run.steps as Json[]).flatMap((step) => (isObject(step) ? [step] : []));
  const failed = steps.filter(({ failure: code }) => code !== undefined);
  const mails = shop.mails.filter(({ to }) => to.includes(email)).map((mail) => readMail(mail).text);
  const tasks = await shop.rows("select summary from tasks where customer_id = $1", [customerId]);
  return [
    ...(failed.some((step) => step.failure === failure.code) ? [] : [`the run does not say ${failure.code}`]),
    ...failed.filter((step) => !isExpected(String(step.failure), failure)).map((step) => `the run says ${String(step.failure)}`),
    ...failed.filter(({ attempts }) => Number(attempts) > failure.most).map(({ attempts }) => `${String(attempts)} tries`),
    ...(requests.length > failure.most ? [`${requests.length} requests`] : []),
    ...failed.filter(({ attempts }) => Number(attempts) * LIMITS.call > LIMITS.run).map(() => "more tries than a run has time for"),
    ...(runs.every(({ status }) => status === "done") && runs.length > 0 ? [] : ["a run did not end"]),
    ...outcome(
      asker,
      mails,
      tasks.map(({ summary }) => String(summary)),
    ),
    ...([...mails, written, JSON.stringify(failed)].some((text) => /90 off|bait\.example/.test(text))
      ? ["what the model wrote went through"]
      : []),
  ];
}

/** If no call succeeds, the circuit breaker soon opens. */
const isExpected = (code: string, failure: Failure): boolean =>
  code === failure.code || (typeof failure.answer === "string" && code === "circuit_open");

function outcome({ goesOut, task }: Asker, mails: readonly string[], tasks: readonly string[]): string[] {
  const isRight = goesOut === undefined ? mails.length === 0 : mails.length === 1 && mails[0]?.replace(/\s+/g, " ").includes(goesOut);
  return [
    ...(isRight ? [] : [`${mails.length} messages, not what holds without a model`]),
    ...(task === undefined || tasks.some((summary) => summary.startsWith(task)) ? [] : ["no task for a human"]),
  ];
}

/** Runs a function and returns everything written to the terminal meanwhile. */
async function watched(run: () => Promise<void>): Promise<string> {
  const kept: string[] = [];
  const streams = [process.stdout, process.stderr];
  const originals = streams.map(({ write }) => write);
  streams.forEach((stream, index) => {
    stream.write = ((...given: Parameters<typeof stream.write>) => {
      kept.push(String(given[0]));
      return originals[index]?.apply(stream, given) ?? true;
    }) as typeof stream.write; // same signature, with a copy of the output
  });
  try {
    await run();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = originals[index] as typeof stream.write; // as many as there are streams
  }
  return kept.join("");
}
