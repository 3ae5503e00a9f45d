import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { SentientError } from "../domain/errors.ts";
import { MINUTE, SECOND } from "../domain/values/time.ts";
import type { App } from "./app.ts";
import { watchConnections } from "./connections.ts";

export interface Listening {
  readonly url: string;
  /** Accepts no new connections, answers the requests in flight, and resolves when all connections have ended. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Milliseconds until a whole request must have arrived (default: 30 s). */
  readonly requestMs?: number;
}

/** Serves an app on a port; what its shorter way does not take, or everything where it has none, goes through the web framework. */
export async function listen(
  app: Pick<App, "fetch"> & Partial<Pick<App, "straight">>,
  { host, port, requestMs = 30 * SECOND }: ListenOptions,
): Promise<Listening> {
  // A slow client (a byte a second) must not hold a connection for ever.
  const serverOptions = {
    headersTimeout: Math.min(requestMs, 10 * SECOND),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(requestMs, 5 * SECOND),
  };
  const viaFramework = getRequestListener(app.fetch);
  const server = createServer(serverOptions, (incoming, outgoing) => {
    if (app.straight?.(incoming, outgoing) !== true) void viaFramework(incoming, outgoing);
  });
  server.keepAliveTimeout = MINUTE;
  const connections = watchConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        connections.drain(Math.min(requestMs, LAST_REQUEST_MS));
      }),
  };
}

// --- internal ---

/** How long an incomplete request may take during shutdown. */
const LAST_REQUEST_MS = 5 * SECOND;

function refusal(error: NodeJS.ErrnoException, host: string, port: number): SentientError {
  const why = error.code === "EADDRINUSE" ? "something else listens there already; choose another with --port" : error.message;
  return new SentientError("BAD_CONFIG", `cannot listen on ${host}:${port}: ${why}`, { cause: error });
}
