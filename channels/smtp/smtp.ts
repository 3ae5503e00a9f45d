import type { SendMailOptions } from "nodemailer";
import { z } from "zod";
import { sendForm } from "../../domain/values/address-form.ts";
import { type ChannelDeps, defineChannel, type OutgoingMessage } from "../channel.ts";
import { createGate } from "../gate.ts";
import { isAddressGone, statusIn } from "../mail/bounces.ts";
import { line, someText } from "../options.ts";
import { ADDRESS_GONE, outcomeUnknown, rejected } from "../outcome.ts";
import { sha256 } from "../signature.ts";
import type { MailBody } from "./mail-body.ts";

/** An address that is safe in an envelope: no spaces, no line breaks, no second address, no name. */
const PLAIN_ADDRESS = /^[^\s@<>()[\]\\,;:"\p{C}]{1,64}@[^\s@<>()[\]\\,;:"\p{C}]{1,255}$/u;
const NAMED_ADDRESS = /^(?:([^<>\p{C}]*)<([^<>]+)>|([^<>]+))$/u;

const mailbox = z
  .string("expected a mail address like Care <care@example.com>")
  .refine((text) => PLAIN_ADDRESS.test(partsOf(text).address), "expected a mail address like Care <care@example.com>");

const Options = z.object({
  url: z
    .string("expected the address of a mail server, like smtp://user:password@mail.example.com:587")
    .refine(isServer, "expected the address of a mail server, like smtp://user:password@mail.example.com:587 or smtps://…"),
  from: mailbox,
  replyTo: mailbox.optional(),
  dkim: z.strictObject({ domain: someText, selector: someText, privateKey: someText }).optional(),
  // The service behind the server, if any: each reads the delivery's id from a header of its own.
  inbound: z.looseObject({ provider: z.string() }).optional(),
});
type Options = z.infer<typeof Options>;

const MAX_CONNECTIONS = 5;

/** Mail through an SMTP server: HTML and plain text, one recipient, each message submitted at most once. */
export const smtp = defineChannel({
  kind: "smtp",
  options: Options,
  content: z.strictObject({ subject: line, body: line }),
  text: { subject: { form: "line", most: 100 }, body: { form: "html", most: 4_000, answer: 3_000 } },
  address: "email",
  services: true,

  async connect(options: Options, { timeoutMs = 20_000 }: ChannelDeps) {
    const [{ createTransport }, { mailBodyOf }] = await Promise.all([import("nodemailer"), import("./mail-body.ts")]);
    const transport = createTransport({
      url: serverOf(options.url),
      pool: true,
      maxConnections: MAX_CONNECTIONS,
      // The library would resend after a closed connection, although the message may have been accepted.
      maxRequeues: 0,
      connectionTimeout: timeoutMs / 2,
      greetingTimeout: timeoutMs / 2,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(options.dkim ? { dkim: dkimOf(options.dkim) } : {}),
    });
    // Waiting for a connection happens here and not in the library, so that an abort while waiting is a certain rejection.
    const gate = createGate(MAX_CONNECTIONS);
    return {
      atOnce: MAX_CONNECTIONS,
      async send(message, { signal }) {
        const mail = mailOf(message, options, mailBodyOf);
        const leave = await gate.enter(signal);
        try {
          await transport.sendMail({ ...mail, signal });
          return { providerId: messageIdOf(message, options) };
        } catch (error) {
          throw failureOf(error as MailError);
        } finally {
          leave();
        }
      },
      close: async () => transport.close(),
    };
  },
});

// --- internal ---

function isServer(text: string): boolean {
  return URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== "";
}

/** The server's URL may override our settings, except this one. */
function serverOf(url: string): string {
  const server = new URL(url);
  server.searchParams.delete("maxRequeues");
  return server.href;
}

function partsOf(text: string): { name: string; address: string } {
  const [, name = "", named, plain] = NAMED_ADDRESS.exec(text.trim()) ?? [];
  return { name: name.trim().replace(/^"(.*)"$/, "$1"), address: (named ?? plain ?? "").trim() };
}

const dkimOf = ({ domain, selector, privateKey }: NonNullable<Options["dkim"]>) => ({
  domainName: domain,
  keySelector: selector,
  privateKey,
  // RFC 8058 requires both unsubscribe headers to be signed; the library's default list leaves the second one out.
  headerFieldNames: "From:Reply-To:Subject:Date:Message-ID:To:MIME-Version:Content-Type:List-Unsubscribe:List-Unsubscribe-Post",
});

function mailOf(message: OutgoingMessage, options: Options, bodyOf: (body: string) => MailBody): SendMailOptions {
  const { content } = message;
  const to = sendForm("email", message.to ?? "");
  if (!PLAIN_ADDRESS.test(to)) throw rejected("the address is not a mail address");
  const { from, replyTo, inbound } = options;
  const sender = partsOf(from);
  return {
    from: sender,
    to: { name: "", address: to },
    envelope: { from: sender.address, to: [to] },
    subject: oneLine(String(content.subject ?? "")),
    ...bodyOf(String(content.body ?? "")),
    messageId: `<${messageIdOf(message, options)}>`,
    headers: { ...unsubscribeHeaders(message.unsubscribeUrl), ...nameFor(inbound?.provider, message.deliveryId) },
    ...(replyTo === undefined ? {} : { replyTo: partsOf(replyTo) }),
  };
}

/** A delivery has the same message id in every attempt. */
function messageIdOf({ deliveryId }: OutgoingMessage, { from }: Options): string {
  const local = /^[A-Za-z0-9_-]{1,64}$/.test(deliveryId) ? deliveryId : sha256(deliveryId).toString("base64url");
  return `${local}@${partsOf(from).address.split("@")[1]}`;
}

/** RFC 8058: with the second header the mail program sends the POST itself, without opening a page. */
function unsubscribeHeaders(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  if (!URL.canParse(url) || !/^https?:\/\/[^\s<>,]+$/.test(url)) throw rejected("the address for unsubscribing is not a URL");
  return { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
}

/** Services that report delivery receipts return an id that they find in a header of their own. */
function nameFor(provider: string | undefined, deliveryId: string): NonNullable<SendMailOptions["headers"]> {
  if (provider === "sendgrid") return { "X-SMTPAPI": asciiJson({ unique_args: { deliveryId } }) };
  if (provider === "mailgun") return { "X-Mailgun-Variables": asciiJson({ deliveryId }) };
  return provider === "postmark" ? { "X-PM-Metadata-deliveryId": deliveryId, "X-PM-KeepID": "true" } : {};
}

/** JSON in a header, unencoded; the library would encode its quotes, which the services do not decode. */
function asciiJson(value: object): { prepared: true; value: string } {
  const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return { prepared: true, value: JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped) };
}

/** A line break would inject another header. */
const oneLine = (text: string): string => text.replace(/[\p{C}\s\u2028\u2029]+/gu, " ").trim();

interface MailError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly timeoutType?: string;
  readonly responseCode?: number;
  /** The server's answer, and the command that it answers. */
  readonly response?: string;
  readonly command?: string;
}

/** Failures before the text is sent: connection, TLS, log-in, refused sender or recipient. */
const BEFORE_TEXT = /^(EDNS|ETLS|EAUTH|ENOAUTH|EOAUTH2|EENVELOPE|EREQUIRETLS|ECONFIG|EPROXY)$/;
const NO_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_TLS_.*)$/;

/**
 * The server's own words stay out of the error, since they repeat addresses. A reply from 400 on is its verdict, also after
 * DATA: the server has not accepted the mail (RFC 5321, 4.2.5). For a 421 the library's pool reports only a closed connection,
 * so its outcome stays unknown.
 */
function failureOf(error: MailError): Error {
  const { code = "", originalCode = "", responseCode, response = "" } = error;
  const status = statusIn(response);
  const answer = responseCode === undefined ? "" : ` with ${responseCode}${status === undefined ? "" : ` ${status}`}`;
  const details = { code, ...(responseCode === undefined ? {} : { responseCode }), ...(isNobodyThere(error) ? ADDRESS_GONE : {}) };
  if ((responseCode ?? 0) >= 400) return rejected(`the mail server refused the message${answer}`, details);
  if (isBeforeText(error)) return rejected(`the mail server did not take the message: ${originalCode || code}${answer}`, details);
  return outcomeUnknown(
    `the mail server did not say what became of the message: ${originalCode || code || "no reason given"}${answer}`,
    details,
  );
}

/**
 * Whether the recipient was permanently refused as unknown. A 550 alone is not enough, since servers also use it for senders
 * that they do not trust: the enhanced status counts, or the words of servers that give none.
 */
const isNobodyThere = ({ command, responseCode = 0, response = "" }: MailError): boolean =>
  command === "RCPT TO" && responseCode >= 500 && isAddressGone(response) === true;

const isBeforeText = ({ code = "", originalCode = "", timeoutType = "", message }: MailError): boolean =>
  BEFORE_TEXT.test(code) ||
  NO_CONNECTION.test(originalCode) ||
  /^(CONNECT|GREETING|UPGRADE)_/.test(timeoutType) ||
  /^Invalid (greeting|HELO)\b/.test(message);
