import type { IncomingMessage, ServerResponse } from "node:http";
import { SECOND } from "../domain/values/time.ts";
import type { Answering } from "./answering.ts";
import { type Given, guardHeaders, Reply } from "./reply.ts";
import type { AnyRoute } from "./route.ts";
import { SocketRequest } from "./socket-request.ts";

/** Takes a request, or returns false for one that it leaves to the web framework. */
export type Straight = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/**
 * Answers what machines post all day (signals, asks, receipts) straight from Node's request and into Node's response: the web
 * framework's share of such a request is as large as its transaction's. Anything out of the ordinary about the address is left to the
 * framework, which parses it.
 */
export function createStraight(routes: readonly AnyRoute[], answering: Answering): Straight {
  const byPath = new Map(routes.filter(isForMachines).map((route) => [route.path, route]));
  return (incoming, outgoing) => {
    const route = incoming.method === "POST" ? byPath.get(incoming.url ?? "") : undefined;
    if (!route || !PLAIN_HOST.test(incoming.headers.host ?? "")) return false;
    // What could not be written is no reason to end the process: the client sees a connection that was closed.
    give(answering(route, new SocketRequest(incoming)), guardHeaders(route.path), incoming, outgoing).catch(() => outgoing.destroy());
    return true;
  };
}

// --- internal ---

const isForMachines = ({ method, path, access }: AnyRoute): boolean =>
  method === "post" && !path.includes("{") && (access === "write" || access === "ask" || access === "receipts");

/** A `Host` that names a host and a port whatever a URL parser thinks of it. */
const PLAIN_HOST = /^[a-z0-9._-]+(?::(?:[1-5]\d{3,4}|[6-9]\d{3}))?$/;

async function give(answer: Promise<Given>, guards: Reply["headers"], incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const given = await answer;
  const { status, headers, body } =
    given instanceof Reply ? given : new Reply(given.status, Object.fromEntries(given.headers), await given.text());
  if (outgoing.destroyed) return;
  if (!incoming.complete) outgoing.once("finish", () => drain(incoming));
  outgoing.writeHead(status, { ...headers, ...guards, "content-length": Buffer.byteLength(body) }).end(body);
}

/** Drops the rest of a body that was answered before its end, for a moment: a sender that goes on is cut off. */
function drain(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  const { socket } = incoming;
  let size = 0;
  const timer = setTimeout(() => socket.destroySoon(), DRAIN_MS).unref();
  const over = (): void => clearTimeout(timer);
  incoming
    .on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_DRAINED) socket.destroySoon();
    })
    .once("end", over)
    .once("close", over)
    .resume();
}

const DRAIN_MS = SECOND / 2;
const MOST_DRAINED = 64 * 1024 * 1024;
