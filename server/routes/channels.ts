import { checkSignal, type SignalEvent } from "../../domain/entities/signal.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Service } from "../../runtime/service.ts";
import { readBytes } from "../body.ts";
import { problem } from "../problem.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** Maximum bytes of a provider's batch of events, above what any of them sends. */
const MAX_BYTES = 1024 * 1024;

/** Requests from outside without a key: they authenticate themselves. */
export const channelRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "post",
    path: "/v1/webhooks/{channel}",
    access: "proved",
    summary: "Webhooks of a channel's provider: replies, receipts, opt-outs. The signature is checked.",
    gives: {
      200: { description: "Accepted and durable." },
      400: problemAnswer("Signed, but not in this provider's format."),
      401: problemAnswer("Not signed, wrongly signed, or too old."),
      404: problemAnswer("No webhooks are expected for this channel."),
      413: problemAnswer("More than 1 MB."),
      429: problemAnswer("Too many signals are waiting to be decided, or too many webhooks from this address failed the signature check."),
    },
    async run({ request, params: { channel = "" }, service, isGuessing }) {
      const result = await service.webhooks.read(channel, {
        headers: Object.fromEntries(request.headers),
        rawBody: await readBytes(request, MAX_BYTES),
        url: request.url,
      });
      if (!result) throw new SentientError("NOT_FOUND", `no webhooks are expected for channel ${channel}`);
      if (result.kind === "bad_request") return problem("BAD_INPUT", result.problem);
      if (result.kind === "refused") {
        // The reason is not disclosed to the caller.
        service.metrics.add("sentient_webhooks_refused_total", { channel, reason: result.reason });
        // Valid requests are accepted all the same, so an attacker cannot lock a provider out by guessing.
        if (isUnproved(result.reason) && isGuessing(channel))
          return problem("OVERLOADED", "too many webhooks failed the signature check; wait a minute", {}, { "retry-after": "60" });
        return problem("UNAUTHORIZED", "the signature is missing, wrong or too old");
      }
      await service.ingest.take(result.readings);
      const { answer } = result;
      return answer ? new Response(answer.body, { headers: { "content-type": answer.contentType } }) : new Response(null, { status: 200 });
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/unsubscribe/{token}",
    access: "proved",
    summary: "A confirmation page. It changes nothing, because mail scanners follow links.",
    gives: { 200: { description: "A page with one button.", type: "text/html" }, 404: problemAnswer("Not a valid unsubscribe link.") },
    async run({ params: { token = "" }, service }) {
      await meaningOf(token, service);
      return page('<p>Do you want no more messages like this one?</p><form method="post"><button>No more messages</button></form>');
    },
  }),
  defineRoute({
    method: "post",
    path: "/v1/unsubscribe/{token}",
    access: "proved",
    summary: "Unsubscribes a customer from a channel at once (RFC 8058). The body is ignored, and repeating it changes nothing.",
    gives: { 200: { description: "Done.", type: "text/html" }, 404: problemAnswer("Not a valid unsubscribe link.") },
    async run({ params: { token = "" }, service }) {
      const signals = await meaningOf(token, service);
      await service.ingest.take(signals.map((signal) => checkSignal(signal as Json)));
      return page("<p>You will get no more messages like this one.</p>");
    },
  }),
];

// --- internal ---

/** A late or repeated request of a provider is no guess. */
const isUnproved = (reason: string): boolean => reason === "signature_missing" || reason === "signature_wrong";

async function meaningOf(token: string, { unsubscribing }: Service): Promise<readonly SignalEvent[]> {
  const signals = await unsubscribing(token);
  if (!signals) throw new SentientError("NOT_FOUND", "this link is invalid or incomplete");
  return signals;
}

const page = (body: string): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Messages</title>${body}`,
    {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
        "cache-control": "no-store",
      },
    },
  );
