import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the fake endpoint received it. */
export interface FakeEmbeddingRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly authorization: string | undefined;
}

/** The response: vectors in order, items as they are, or a malformed or slow one. */
export type FakeVectors =
  | { readonly vectors: readonly (readonly (number | null)[])[]; readonly tokens?: number }
  | { readonly items: readonly unknown[] }
  | { readonly status: number; readonly body?: string; readonly type?: string }
  /** Accepts the request and never responds. */
  | { readonly hangs: true }
  | { readonly breaks: true };

export interface FakeEmbeddings {
  readonly url: string;
  readonly requests: readonly FakeEmbeddingRequest[];
  close(): Promise<void>;
}

/** An endpoint with OpenAI's embeddings API that responds as a test wants. */
export async function openFakeEmbeddings(answer: (request: FakeEmbeddingRequest) => FakeVectors): Promise<FakeEmbeddings> {
  const requests: FakeEmbeddingRequest[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { model, input } = JSON.parse(text);
    const given = { model, texts: input, authorization: request.headers.authorization };
    requests.push(given);
    respond(response, request.url === "/v1/embeddings" ? answer(given) : { status: 404 });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A listening server has a port.
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A vector of a text by the words that it has: texts about the same of these subjects point the same way. */
export const vectorBySubject =
  (subjects: readonly RegExp[]) =>
  (text: string): number[] => [...subjects.map((subject) => (subject.test(text) ? 1 : 0)), 0.1];

// --- internal ---

function respond(response: ServerResponse, answer: FakeVectors): void {
  if ("hangs" in answer) return;
  if ("breaks" in answer) return void response.destroy();
  if ("status" in answer) {
    response.writeHead(answer.status, { "content-type": answer.type ?? "application/json" });
    response.end(answer.body ?? JSON.stringify({ error: { message: "as scripted" } }));
    return;
  }
  const data = "items" in answer ? answer.items : answer.vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
  const usage =
    "vectors" in answer && answer.tokens !== undefined ? { usage: { prompt_tokens: answer.tokens, total_tokens: answer.tokens } } : {};
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ object: "list", model: "scripted", data, ...usage }));
}
