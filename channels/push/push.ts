import { z } from "zod";
import { type ChannelDeps, defineChannel, type OutgoingMessage } from "../channel.ts";
import { createPost } from "../http/post.ts";
import { flag, line, whenLive } from "../options.ts";
import { ADDRESS_GONE, rejected } from "../outcome.ts";
import { sha256 } from "../signature.ts";

const base64url = (bytes: number, what: string) =>
  z.string(what).refine((text) => /^[A-Za-z0-9_-]+=*$/.test(text) && Buffer.from(text, "base64url").length === bytes, whenLive(what));

const SUBJECT = "expected how to reach the operator, like mailto:care@example.com";

const Options = z.object({
  subject: z.string(SUBJECT).refine((text) => /^(mailto:|https:\/\/)\S+$/.test(text), whenLive(SUBJECT)),
  publicKey: base64url(65, "expected the public VAPID key, 65 bytes as base64url (`npx web-push generate-vapid-keys`)"),
  privateKey: base64url(32, "expected the private VAPID key, 32 bytes as base64url (`npx web-push generate-vapid-keys`)"),
  ttl: z.int("expected a whole number").min(0, "expected a whole number from 0").optional(),
  allowPrivate: flag.optional(),
});
type Options = z.infer<typeof Options>;

/** The browser's subscription; the customer's `push` address is this as JSON. */
const Subscription = z.object({
  endpoint: z.url({ protocol: /^https?$/ }),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
});

/** RFC 8291: the space for the text within the 4096 bytes that every push service accepts. */
const MAX_BYTES = 3_993;
/** One day: an offer that a switched-off phone shows later than this is useless. */
const DEFAULT_TTL_SECONDS = 24 * 60 * 60;

/** Web Push with VAPID. The endpoint comes from the customer's browser, so requests use the guarded fetch. */
export const push = defineChannel({
  kind: "push",
  options: Options,
  content: z.strictObject({ title: line, text: line.optional(), url: line.optional() }),
  text: { title: { form: "line", most: 60 }, text: { most: 180 }, url: { form: "line" } },
  address: "push",
  services: true,

  async connect(options: Options, deps: ChannelDeps) {
    const post = createPost("push service", deps, options);
    const { default: library } = await import("web-push");
    const encrypted = (message: OutgoingMessage) => {
      const text = payloadOf(message);
      try {
        return library.generateRequestDetails(subscriptionOf(message), text, requestOptions(message, options));
      } catch (error) {
        throw rejected(`the push message could not be encrypted: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    return {
      async send(message, { signal }) {
        const { endpoint, headers, body } = encrypted(message);
        const { "Content-Length": _, ...rest } = headers;
        const response = await post({ url: endpoint, headers: textual(rest), body, signal }, goneIn);
        const { location } = response.headers;
        return typeof location === "string" ? { providerId: location } : {};
      },
    };
  },
});

// --- internal ---

function subscriptionOf({ to = "" }: OutgoingMessage): z.infer<typeof Subscription> {
  let given: unknown;
  try {
    given = JSON.parse(to);
  } catch {
    given = undefined;
  }
  const parsed = Subscription.safeParse(given);
  if (!parsed.success) throw rejected("the address is not a push subscription: expected JSON with endpoint and keys", ADDRESS_GONE);
  return parsed.data;
}

function payloadOf({ deliveryId, content }: OutgoingMessage): string {
  const { title, text, url } = content;
  const payload = JSON.stringify({ title, ...(text == null ? {} : { text }), ...(url == null ? {} : { url }), deliveryId });
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_BYTES) throw rejected(`the push message has ${bytes} bytes, at most ${MAX_BYTES} can be sent`);
  return payload;
}

/** A topic identifies a message at the push service: of a repeated message only one is shown. */
const requestOptions = ({ deliveryId }: OutgoingMessage, { subject, publicKey, privateKey, ttl = DEFAULT_TTL_SECONDS }: Options) => ({
  vapidDetails: { subject, publicKey, privateKey },
  TTL: ttl,
  contentEncoding: "aes128gcm" as const,
  topic: sha256(deliveryId).toString("base64url").slice(0, 32),
});

const textual = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** The browser has cancelled its subscription; the address is permanently undeliverable. */
const goneIn = ({ status }: { readonly status: number }) => (status === 404 || status === 410 ? ADDRESS_GONE : {});
