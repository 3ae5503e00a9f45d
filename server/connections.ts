import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server and the requests in flight on each. */
export interface Connections {
  /**
   * Drains the connections: each closes after the last response in flight, announced by `Connection: close`. Idle ones close at
   * once, those with an incomplete request after `patienceMs`.
   * `server.close()` alone waits while clients keep sending on busy connections, and for ever for a connection without any
   * request.
   */
  drain(patienceMs: number): void;
}

/** Must be called before the server listens. */
export function watchConnections(server: Server): Connections {
  const inFlight = new Map<Socket, Set<Exchange>>();
  let isDraining = false;
  server.on("connection", (socket) => {
    inFlight.set(socket, new Set());
    socket.once("close", () => inFlight.delete(socket));
  });
  // Before the application's listener, which may answer synchronously.
  server.prependListener("request", (request: IncomingMessage, response: Answer) => {
    const { socket } = request;
    const exchange = { request, response };
    const exchanges = inFlight.get(socket) ?? new Set();
    exchanges.add(exchange);
    if (isDraining) response.shouldKeepAlive = false;
    response.once("close", () => {
      exchanges.delete(exchange);
      if (isDraining && exchanges.size === 0) socket.destroySoon();
    });
  });
  return {
    drain(patienceMs) {
      isDraining = true;
      for (const [socket, exchanges] of inFlight) {
        if (exchanges.size === 0) socket.destroy();
        // Too late for a response whose headers are sent; its connection closes all the same.
        for (const { response } of exchanges) response.shouldKeepAlive = false;
      }
      setTimeout(() => {
        for (const [socket, exchanges] of inFlight) if ([...exchanges].some(({ request }) => !request.complete)) socket.destroy();
      }, patienceMs).unref();
    },
  };
}

// --- internal ---

type Answer = ServerResponse<IncomingMessage>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: Answer;
}
