import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server and what is asked on each. */
export interface Connections {
  /**
   * From now on a connection ends with the last answer that is begun on it, and its client is told so by `Connection: close`.
   * Those on which nothing is asked end at once, those whose request is not whole after `patienceMs` then.
   * `server.close()` by itself waits for as long as clients go on asking on connections that were busy, and for ever for one
   * that never says anything.
   */
  letGo(patienceMs: number): void;
}

/** Has to be there before the server listens. */
export function watchConnections(server: Server): Connections {
  const asked = new Map<Socket, Set<Exchange>>();
  let isLettingGo = false;
  server.on("connection", (socket) => {
    asked.set(socket, new Set());
    socket.once("close", () => asked.delete(socket));
  });
  // Before the application, which may answer at once.
  server.prependListener("request", (request: IncomingMessage, response: Answer) => {
    const { socket } = request;
    const exchange = { request, response };
    const here = asked.get(socket) ?? new Set();
    here.add(exchange);
    if (isLettingGo) response.shouldKeepAlive = false;
    response.once("close", () => {
      here.delete(exchange);
      if (isLettingGo && here.size === 0) socket.destroySoon();
    });
  });
  return {
    letGo(patienceMs) {
      isLettingGo = true;
      for (const [socket, here] of asked) {
        if (here.size === 0) socket.destroy();
        // Too late for an answer whose head is out; its connection ends all the same.
        for (const { response } of here) response.shouldKeepAlive = false;
      }
      setTimeout(() => {
        for (const [socket, here] of asked) if ([...here].some(({ request }) => !request.complete)) socket.destroy();
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
