import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Behaviours of a provider: correct, or with a typical fault. */
export const BEHAVIOURS = ["takes", "refuses", "hangs", "takes_then_fails", "closes", "garbage", "too_many", "endless"] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** A request as received. */
export interface Received {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface TestProvider<Taken> {
  readonly url: string;
  /** Accepted requests in order, also if the response then reported a failure. */
  readonly taken: Taken[];
  behave(behaviour: Behaviour): void;
  /** Resolves with the next accepted message. */
  next(): Promise<void>;
  close(): Promise<void>;
}

/** The response of a correct provider; its body may repeat parts of the request. */
export interface GoodAnswer {
  readonly status: number;
  readonly body: string | ((received: Received) => string);
  readonly headers?: Record<string, string>;
  /** What happens between an accepted request and its response, such as an early receipt. */
  readonly meanwhile?: (received: Received) => Promise<void>;
}

/** A local provider that accepts every POST, and responds with `answer` when it behaves correctly. */
export async function startHttpProvider(answer: GoodAnswer): Promise<TestProvider<Received>> {
  const taken: Received[] = [];
  const waiting: (() => void)[] = [];
  let behaviour: Behaviour = "takes";
  const server = createServer(async (request, response) => {
    const received = { url: request.url ?? "", headers: request.headers as Record<string, string>, body: await buffer(request) };
    if (behaviour !== "refuses" && behaviour !== "too_many") taken.push(received);
    for (const go of waiting.splice(0)) go();
    await answer.meanwhile?.(received);
    const text = typeof answer.body === "string" ? answer.body : answer.body(received);
    ANSWERS[behaviour](request, response, { ...answer, body: text });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    behave: (next) => {
      behaviour = next;
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// --- internal ---

type Answer = (request: IncomingMessage, response: ServerResponse, good: GoodAnswer & { readonly body: string }) => void;

const ANSWERS: Readonly<Record<Behaviour, Answer>> = {
  takes: (_, response, { status, body, headers = {} }) => response.writeHead(status, headers).end(body),
  refuses: (_, response) =>
    response.writeHead(400).end(JSON.stringify({ code: 21211, message: "ann@example.com +15555550100 is no recipient" })),
  hangs: () => {},
  takes_then_fails: (_, response) => response.writeHead(500).end("ann@example.com +15555550100"),
  closes: (request) => request.socket.destroy(),
  garbage: (request) => request.socket.end("HTTP/9.9 sure thing\r\n\u0000\u0001\r\n\r\n"),
  too_many: (_, response) => response.writeHead(429, { "retry-after": "99999999999" }).end(),
  endless: (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  },
};
