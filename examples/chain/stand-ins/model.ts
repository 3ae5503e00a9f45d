import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { letters, moments, script } from "./script.ts";

export interface ScriptedEndpoint {
  readonly url: string;
  /** Questions without an answer in the script. */
  readonly unplanned: readonly string[];
  close(): Promise<void>;
}

/**
 * An endpoint for OpenAI's chat completions that answers from `script.ts`. The product calls it with the same code as a real model.
 * Questions outside the script are refused.
 */
export async function openScriptedEndpoint(port = 0): Promise<ScriptedEndpoint> {
  const unplanned: string[] = [];
  const server = createServer(async (request, response) => {
    const { messages, model } = await bodyOf(request);
    const question = messages.map(({ content }) => content).join("\n");
    const answer = answerTo(question);
    if (answer === undefined) unplanned.push(question);
    const content = answer === undefined ? null : JSON.stringify(answer);
    const message = { role: "assistant", content, ...(content === null ? { refusal: "this is not in the script" } : {}) };
    // About four characters per token, the usual estimate.
    const usage = { prompt_tokens: Math.ceil(question.length / 4), completion_tokens: Math.ceil((content ?? "").length / 4) };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ id: "s", object: "chat.completion", model, choices: [{ index: 0, finish_reason: "stop", message }], usage }),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, // A listening server has a port.
    unplanned,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// --- internal ---

interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
}

async function bodyOf(request: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

function answerTo(question: string): unknown {
  if (question.includes('{"ready": true}')) return { ready: true };
  if (question.includes("The customer's messages:")) return wordFor(question);
  if (question.includes("The moments:")) return momentsIn(String(dataIn(question, "text")));
  return letterFor(question);
}

/** The content between the marks of a data block: text from outside is always enclosed in one. */
function dataIn(question: string, name: string): unknown {
  const [, json = "null"] = new RegExp(`<data name="${name}">\\n(.*)\\n</data>`).exec(question) ?? [];
  return JSON.parse(json);
}

const momentsIn = (text: string) => ({
  moments: moments.flatMap(({ hears, moment }) => {
    const quote = hears.exec(text)?.[0];
    return quote === undefined ? [] : [{ name: moment, confidence: 0.9, quote }];
  }),
});

interface Done {
  readonly tool: string;
  readonly output?: unknown;
}

/** The next call of the matching line, or its text once all calls are made. */
function wordFor(question: string): unknown {
  const messages = (dataIn(question, "messages") as string[]).join(" ");
  const done = dataIn(question, "done") as Done[];
  const isDone = (tool: string): boolean => done.some((one) => one.tool === tool);
  const line = script.find(({ hears, after }) => hears.test(messages) && (after === undefined || isDone(after)));
  if (!line) return undefined;
  const next = line.calls?.find(({ tool }) => !isDone(tool));
  if (next) return call(next.tool, next.input);
  const say = filledIn(line.says, done) ?? (line.blind === undefined ? undefined : filledIn(line.blind, done));
  return say === undefined ? call("hand_over", { summary: "What was looked up gave nothing back." }) : { calls: [], say };
}

const call = (tool: string, input: Readonly<Record<string, string>> = {}) => ({
  calls: [{ tool, input: Object.entries(input).map(([name, value]) => ({ name, value })) }],
  say: "",
});

/** Replaces `{orderId}` by the tool result of that name; undefined if there is none. */
function filledIn(text: string, done: readonly Done[]): string | undefined {
  const given = JSON.stringify(done.map(({ output }) => output ?? null));
  const valueFor = (field: string): string | undefined => new RegExp(`"${field}":"?([^",}]+)`).exec(given)?.[1];
  const fields = [...text.matchAll(/\{(\w+)\}/g)].map(([, field = ""]) => field);
  if (fields.some((field) => valueFor(field) === undefined)) return undefined;
  return text.replace(/\{(\w+)\}/g, (_, field: string) => valueFor(field) ?? "");
}

function letterFor(question: string): unknown {
  const letter = letters.find(({ brief }) => brief.test(question));
  return letter && { parts: Object.entries(letter.parts).map(([part, text]) => ({ part, text })) };
}
