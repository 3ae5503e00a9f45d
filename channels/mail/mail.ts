import type { SignalEvent } from "../../domain/entities/signal.ts";
import type { Instant } from "../../domain/values/time.ts";
import { accepted, consentSignal, email, inner, messageSignals, signalOf } from "../inbound/reader.ts";
import type { WebhookReading } from "../inbound/webhook.ts";
import { type Header, isAutomatic } from "./automatic.ts";
import { textOfMail } from "./html-words.ts";
import { mayRepeat, sentTextOf, withoutOurs } from "./our-words.ts";
import { isOptOut, type OwnWords, ownWordsIn } from "./own-words.ts";

/** A received mail, as mail services forward it. */
export interface ReceivedMail {
  readonly channel: string;
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  /** Its plain text, in each form that the service provides, in order of preference. */
  readonly texts: readonly string[];
  /** Its HTML likewise, for mails with empty text. */
  readonly htmls: readonly string[];
  readonly at?: Instant | undefined;
  readonly header: Header;
}

/** The reading of a mail, with a second reading for once the contents sent to its writer are known. */
export function mailReading(mail: ReceivedMail): WebhookReading {
  const reading = accepted(mailSignals(mail, []));
  if (![...mail.texts, ...mail.htmls].some(mayRepeat)) return reading;
  return { ...reading, knowing: (sent) => accepted(mailSignals(mail, sent.map(sentTextOf))).signals };
}

// --- internal ---

/**
 * A mail becomes a message, or consent when it contains only an opt-out or opt-in keyword. A reply to one of our mails is also
 * a signal about that delivery. Automatic mail (out-of-office replies, read receipts) is no message: it is owed no answer. Only
 * opt-outs count from machines too, since unsubscribe functions of mail programs identify themselves as machines.
 */
function mailSignals(mail: ReceivedMail, sent: readonly string[]): SignalEvent[] {
  const { channel, id, from, subject, at, header } = mail;
  const answered = inner(header("in-reply-to"));
  const root = inner(header("references").trim().split(/\s+/)[0] ?? "");
  const who = [email(inner(from).toLowerCase())];
  const { text, top } = wordsIn(mail, sent);
  const data = { text, subject, thread: root || answered || inner(header("message-id")) || id, providerId: answered };
  const news = { channel, id, at, who, data };
  if (isOptOut(text, from) || isOptOut(top, from)) return [consentSignal(news, "revoked")];
  if (isAutomatic(header)) return [];
  const message = messageSignals(news);
  return answered === ""
    ? message
    : [...message, signalOf({ channel, id: `${id}:reply`, type: "delivery.replied", at, who, data: { providerId: answered } })];
}

/** The writer's own words; without any, the subject, unless it only repeats the subject being replied to. */
function wordsIn({ texts, htmls, subject }: ReceivedMail, sent: readonly string[]): Pick<OwnWords, "text" | "top"> {
  let first: Pick<OwnWords, "text" | "top"> | undefined;
  for (const text of [...texts, ...htmls.map((html) => () => textOfMail(html))]) {
    const source = typeof text === "string" ? text : text();
    if (source.trim() === "") continue;
    const words = withoutOurs(ownWordsIn(source), sent);
    if (words.text !== "") return words;
    first ??= words;
  }
  const isAnswer = ANSWERS.test(subject);
  return first !== undefined && isAnswer ? first : { text: subject, top: subject };
}

/** Prefixes of programs for the subject of a reply or a forwarded mail. */
const ANSWERS =
  /^\s*(?:re|aw|antw|antwort|sv|vs|vá|odp|odg|ynt|yanıt|cevap|απ|σχετ|res|rif|r|ref|tr|wg|fw|fwd|wtr|vb|doorst|rv|rép|reply|ответ|отв|відп|转发|回复|回覆|答复|轉寄|답장|回信|ตอบ|رد|השב|תגובה|பதில்)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]/iu;
