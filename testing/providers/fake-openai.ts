import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the fake endpoint received it. */
export interface FakeRequest {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  /** Name of the response schema, if one was sent. */
  readonly schemaName: string | undefined;
  readonly format: string | undefined;
  readonly tools: boolean;
  readonly stream: boolean;
  readonly authorization: string | undefined;
  readonly traceparent: string | undefined;
}

/** The response: a value as JSON, text as is, or a malformed or slow one. */
export type FakeAnswer =
  | { readonly value: unknown }
  | { readonly text: string }
  | { readonly completion: unknown }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Accepts the request and never responds. */
  | { readonly hangs: true }
  /** Starts a response and continues a byte at a time. */
  | { readonly drips: true }
  | { readonly breaks: true }
  /** Streams the response in pieces. */
  | { readonly pieces: readonly string[] };

export interface FakeOpenAi {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** Requests in flight, and their maximum. */
  readonly most: number;
  close(): Promise<void>;
}

/** A chat-completions endpoint that responds as a test wants. It answers the capability probe itself. */
export async function openFakeOpenAi(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
  { answersProbe = true } = {},
): Promise<FakeOpenAi> {
  const requests: FakeRequest[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    void read(request).then(async (given) => {
      most = Math.max(most, ++open);
      response.on("close", () => void open--);
      if (answersProbe && isProbe(given)) return respond(response, { value: { ready: true } });
      requests.push(given);
      return respond(response, await answer(given));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A listening server has a port.
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get most() {
      return most;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A completion in the format of real endpoints. */
export const aCompletion = (
  message: object,
  finish: string | null = "stop",
  usage: object | null = { prompt_tokens: 100, completion_tokens: 20 },
) => ({
  id: "c-1",
  object: "chat.completion",
  choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content: null, ...message } }],
  ...(usage ? { usage } : {}),
});

// --- internal ---

const isProbe = ({ user }: FakeRequest): boolean => user.includes('{"ready": true}');

async function read(request: IncomingMessage): Promise<FakeRequest> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body = JSON.parse(text);
  return {
    model: body.model,
    system: body.messages[0].content,
    user: body.messages[1].content,
    schemaName: body.response_format?.json_schema?.name,
    format: body.response_format?.type,
    tools: body.tools !== undefined,
    stream: body.stream === true,
    authorization: request.headers.authorization,
    traceparent: request.headers.traceparent as string | undefined, // A header sent once.
  };
}

function respond(response: ServerResponse, answer: FakeAnswer): void {
  if ("breaks" in answer) response.destroy();
  else if ("pieces" in answer) stream(response, answer.pieces);
  else if ("drips" in answer) drip(response);
  else if ("status" in answer)
    send(response, answer.status, answer.body ?? JSON.stringify({ error: { message: "as scripted" } }), answer.headers);
  else if (!("hangs" in answer)) send(response, 200, JSON.stringify(completionOf(answer)));
}

function stream(response: ServerResponse, pieces: readonly string[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const choices = [...pieces.map((content) => ({ delta: { content }, finish_reason: null })), { delta: {}, finish_reason: "stop" }];
  response.end(`: a comment\n\n${choices.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join("")}data: [DONE]\n\n`);
}

function send(response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

function completionOf(answer: { value: unknown } | { text: string } | { completion: unknown }): unknown {
  if ("completion" in answer) return answer.completion;
  return aCompletion({ content: "value" in answer ? JSON.stringify(answer.value) : answer.text });
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
}
