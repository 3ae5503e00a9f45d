import { z } from "zod";
import { sendForm } from "../../domain/values/address-form.ts";
import { type ChannelDeps, defineChannel, type OutgoingMessage } from "../channel.ts";
import type { GuardedResponse } from "../http/guarded-fetch.ts";
import { createPost, isEncrypted, NOT_ENCRYPTED } from "../http/post.ts";
import { flag, line, someText, webAddress, whenLive } from "../options.ts";
import { ADDRESS_GONE, OPTED_OUT, outcomeUnknown, rejected } from "../outcome.ts";
import { isNoSuchNumber, isOptedOut } from "./error-numbers.ts";
import { twilioInbound } from "./inbound.ts";

const Options = z
  .object({
    accountSid: z
      .string("expected the SID of the account")
      .refine((sid) => /^[A-Za-z0-9]+$/.test(sid), whenLive("expected the SID of the account, like AC…")),
    authToken: z.string("expected the auth token of the account").min(1, "expected text, not an empty string"),
    from: someText.optional(),
    messagingServiceSid: someText.optional(),
    url: webAddress("expected the address of the API, like https://api.twilio.com").default("https://api.twilio.com"),
    statusCallback: webAddress("expected an address like https://…: the public one of this channel's webhook").optional(),
    allowPrivate: flag.optional(),
  })
  .refine(({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined), {
    message: "expected either from or messagingServiceSid",
    path: ["from"],
  })
  .refine((options) => isEncrypted(options) || isThisMachine(options.url), NOT_ENCRYPTED);
type Options = z.infer<typeof Options>;

/** Maximum length of the API; it also refuses longer texts, with a less helpful error. */
const MAX_CHARACTERS = 1600;

/**
 * Sends texts through Twilio's REST API, or a compatible one. Twilio has no idempotency key for messages, so a request without
 * a clear answer is never repeated; the key is sent for gateways that support one.
 */
export const twilio = defineChannel({
  kind: "twilio",
  options: Options,
  content: z.strictObject({ text: line }),
  // Two text messages in the 7-bit alphabet; three for an answer.
  text: { text: { most: 306, answer: 480, alphabet: "gsm7" } },
  address: "phone",
  inbound: twilioInbound,

  async connect(options: Options, deps: ChannelDeps) {
    const { accountSid, authToken, url, allowPrivate = isThisMachine(url) } = options;
    const post = createPost("twilio", deps, { allowPrivate });
    const target = `${url.replace(/\/+$/, "")}/2010-04-01/Accounts/${accountSid}/Messages.json`;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    return {
      async send(message, { signal }) {
        const headers = {
          authorization,
          "content-type": "application/x-www-form-urlencoded",
          "idempotency-key": message.deliveryId,
        };
        const response = await post({ url: target, headers, body: formOf(message, options), signal }, codeIn);
        return { providerId: sidIn(response) };
      },
    };
  },
});

// --- internal ---

/**
 * A local stand-in is used only where the API's URL itself names this machine; a host name that resolves to it does not count.
 */
const isThisMachine = (url: string): boolean => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(url).hostname);

function formOf({ deliveryId, to, content }: OutgoingMessage, { from, messagingServiceSid, statusCallback }: Options): string {
  const text = String(content.text ?? "");
  if (text.trim() === "") throw rejected("the text is empty");
  if (text.length > MAX_CHARACTERS) throw rejected(`the text has ${text.length} characters, at most ${MAX_CHARACTERS} can be sent`);
  const form = new URLSearchParams({ To: numberOf(to), Body: text });
  if (from !== undefined) form.set("From", from);
  if (messagingServiceSid !== undefined) form.set("MessagingServiceSid", messagingServiceSid);
  if (statusCallback !== undefined) {
    const callback = new URL(statusCallback);
    callback.searchParams.set("deliveryId", deliveryId);
    form.set("StatusCallback", callback.href);
  }
  return form.toString();
}

/**
 * E.164; prefixes like `whatsapp:` are kept. Any other number is malformed, which is no evidence that the address is
 * undeliverable.
 */
function numberOf(to: string | undefined): string {
  const number = sendForm("phone", to ?? "");
  if (A_NUMBER.test(number)) return number;
  throw rejected(
    /^[1-9]\d+$/.test(number)
      ? "the phone number has no country code; expected a number like +15555550100"
      : "the address is not a phone number like +15555550100",
  );
}

const A_NUMBER = /^(?:[a-z]+:)?\+[1-9]\d{6,14}$/;

const Answer = z.object({ sid: z.string().min(1) });
const Refusal = z.object({ code: z.number() });

function sidIn({ status, text }: GuardedResponse): string {
  const answer = Answer.safeParse(jsonIn(text));
  if (!answer.success) throw outcomeUnknown(`twilio answered ${status} without naming a message`, { status });
  return answer.data.sid;
}

/** Twilio's own error number. */
function codeIn({ text }: GuardedResponse): Readonly<Record<string, unknown>> {
  const refusal = Refusal.safeParse(jsonIn(text));
  if (!refusal.success) return {};
  const { code } = refusal.data;
  return { code, ...(isOptedOut(code) ? OPTED_OUT : {}), ...(isNoSuchNumber(code) ? ADDRESS_GONE : {}) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
