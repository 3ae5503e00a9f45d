import type { SignalEvent } from "../../domain/signal.ts";
import type { Instant } from "../../domain/time.ts";
import { email, inner, messageSignals, signalOf } from "./reader.ts";

/** A mail that somebody wrote to us, as services that receive mail hand it on. */
export interface ReceivedMail {
  readonly channel: string;
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  /** Its text; without what it quotes, where the service knows. */
  readonly text: string;
  readonly at?: Instant | undefined;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string;
}

/**
 * A mail becomes a message, or consent when it says nothing but such a word. An answer to a mail of ours also says so about
 * that delivery. What machines answer (holidays, receipts of receipts) is no message: nobody is owed an answer to it.
 */
export function mailSignals({ channel, id, from, subject, text, at, header }: ReceivedMail): SignalEvent[] {
  if (isAutomatic(header)) return [];
  const answered = inner(header("in-reply-to"));
  const root = inner(header("references").trim().split(/\s+/)[0] ?? "");
  const who = [email(inner(from).toLowerCase())];
  const written = withoutQuotes(text) || subject;
  const data = { text: written, subject, thread: root || answered || inner(header("message-id")) || id, providerId: answered };
  const message = messageSignals({ channel, id, at, who, data });
  const isAnswer = answered !== "" && message[0]?.type === "message.received";
  return isAnswer
    ? [...message, signalOf({ channel, id: `${id}:reply`, type: "delivery.replied", at, who, data: { providerId: answered } })]
    : message;
}

// --- internal ---

const isAutomatic = (header: ReceivedMail["header"]): boolean =>
  !/^(no)?$/i.test(header("auto-submitted").trim()) || header("x-autoreply") !== "" || header("x-autorespond") !== "";

const QUOTE_BEGINS =
  /^(>|-{2,} ?(original|forwarded) message|_{10,}|(on|am|le|el|il|op) .{5,200}(wrote|schrieb|écrit|escribió|scritto|schreef) ?:$|from: .+@)/i;

/** What was written, without the mail that it answers; a signature below `-- ` goes too. */
function withoutQuotes(text: string): string {
  const lines = text.slice(0, 100_000).split(/\r?\n/);
  const end = lines.findIndex((line) => QUOTE_BEGINS.test(line.trim()) || line === "-- ");
  return (end === -1 ? lines : lines.slice(0, end)).join("\n").trim();
}
