import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The sends of one delivery, as received by the provider. Times are milliseconds since the epoch. */
export interface ReceivedSend {
  readonly path: string;
  /** Requests with its id. */
  attempts: number;
  /** Accepted ones of these. */
  accepted: number;
  readonly firstAt: number;
  readonly behaviour: Behaviour;
  /** When the last answer was sent; undefined without one, or if the client had disconnected. */
  answeredAt?: number;
}

/** Behaviours of a provider, regular and faulty. All but the last two accept the message first. */
export const BEHAVIOURS = ["takes", "hangs", "takes_then_fails", "closes", "garbage", "endless", "too_many", "refuses"] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Provider {
  readonly url: string;
  readonly sends: ReadonlyMap<string, ReceivedSend>;
  close(): Promise<void>;
}

/** A local provider that records every request by its `webhook-id`; `behave` decides how each is answered. */
export async function startProvider(
  behave: (path: string) => { readonly behaviour: Behaviour; readonly afterMs: number },
): Promise<Provider> {
  const sends = new Map<string, ReceivedSend>();
  const server = createServer((request, response) => {
    const { url: path = "", headers } = request;
    const id = String(headers["webhook-id"]);
    const { behaviour, afterMs } = behave(path);
    const one = sends.get(id) ?? { path, attempts: 0, accepted: 0, firstAt: Date.now(), behaviour };
    sends.set(id, one);
    one.attempts++;
    response.once("finish", () => {
      one.answeredAt = Date.now();
    });
    // A client that disconnects is not an error here.
    for (const side of [request, response]) side.on("error", () => {});
    request.resume().once("end", () => {
      if (behaviour !== "refuses" && behaviour !== "too_many") one.accepted++;
      setTimeout(() => ANSWERS[behaviour](request, response), afterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sends,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// --- internal ---

const ANSWERS: Readonly<Record<Behaviour, (request: IncomingMessage, response: ServerResponse) => void>> = {
  takes: (_, response) => void response.end("{}"),
  refuses: (_, response) => void response.writeHead(400).end("{}"),
  hangs: () => {},
  takes_then_fails: (_, response) => void response.writeHead(500).end("it is lost after all"),
  closes: (request) => void request.socket.destroy(),
  garbage: (request) => void request.socket.end("HTTP/9.9 sure thing\r\n\u0000\u0001\r\n\r\n"),
  too_many: (_, response) => void response.writeHead(429, { "retry-after": "99999999999" }).end(),
  endless(_, response) {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  },
};
