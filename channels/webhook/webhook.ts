import type { KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type ChannelDeps, defineChannel, type OutgoingMessage, type SendResult } from "../channel.ts";
import type { GuardedRequest } from "../http/guarded-fetch.ts";
import { createPost, isEncrypted, NOT_ENCRYPTED } from "../http/post.ts";
import { flag, webAddress } from "../options.ts";
import { isRejected } from "../outcome.ts";
import { standardWebhooksInbound } from "./inbound.ts";
import { keyOf, signedHeaders } from "./standard-webhooks.ts";

const Options = z
  .object({
    url: webAddress("expected an address like https://hooks.example.com/sentient, which takes the messages"),
    secret: z.string("expected the secret that messages are signed with, like whsec_…").min(1, "expected text, not an empty string"),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/, "expected the name of a header"), oneLine("expected the value of a header, one line"))
      .optional(),
    allowPrivate: flag.optional(),
    dedupes: flag.optional(),
  })
  .refine(isEncrypted, NOT_ENCRYPTED);
type Options = z.infer<typeof Options>;

/** Delays before each retry, in milliseconds; with the answers they stay below a send's time limit. */
const RETRY_AFTER_MS = [1_000, 4_000];

/**
 * Posts the payload as JSON, signed as Standard Webhooks with the delivery as `webhook-id`. A send with an unknown outcome is
 * retried only where the receiver is declared to deduplicate by that id (`dedupes`): elsewhere a second request could have its
 * effect twice, and sends are at-most-once.
 */
export const webhook = defineChannel({
  kind: "webhook",
  options: Options,
  content: z.strictObject({ payload: z.unknown().refine((value) => value !== undefined, "expected payload") }),
  text: { payload: { form: "data" } },
  consent: "free",
  inbound: standardWebhooksInbound,
  services: true,

  async connect(options: Options, { timeoutMs = 8_000, now = Date.now, wait = pause, ...deps }: ChannelDeps) {
    const post = createPost(`webhook ${new URL(options.url).host}`, { ...deps, timeoutMs }, options);
    const key = keyOf(options.secret);
    const once = async (message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> => {
      await post(requestOf(message, options, key, now(), signal));
      return { providerId: message.deliveryId };
    };
    return { send: (message, { signal }) => (options.dedupes ? insist(() => once(message, signal), signal, wait) : once(message, signal)) };
  },
});

// --- internal ---

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });

/** Retries after an unknown outcome. After the first one, a later refusal no longer proves that nothing was sent. */
async function insist(once: () => Promise<SendResult>, signal: AbortSignal, wait: NonNullable<ChannelDeps["wait"]>): Promise<SendResult> {
  let doubt: unknown;
  for (const ms of [...RETRY_AFTER_MS, 0]) {
    try {
      return await once();
    } catch (error) {
      if (isRejected(error)) throw doubt ?? error;
      doubt ??= error;
    }
    if (ms === 0 || signal.aborted) break;
    await wait(ms, signal);
  }
  throw doubt;
}

function oneLine(error: string) {
  return z.string(error).refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), "expected one line of text");
}

/** The signed time is that of the request: receivers refuse old ones. */
function requestOf(
  { deliveryId, content }: OutgoingMessage,
  { url, headers = {} }: Options,
  key: KeyObject,
  now: number,
  signal: AbortSignal,
): Omit<GuardedRequest, "method"> {
  const body = JSON.stringify(content.payload ?? null);
  const signed = signedHeaders(key, deliveryId, now, body);
  return { url, body, signal, headers: { ...headers, "content-type": "application/json", ...signed } };
}
