/**
 * Whether a refusal means that the address is permanently undeliverable: false where it has another cause (a full mailbox, a
 * block, a server failure), undefined where it cannot be determined. The enhanced status (RFC 3463) takes precedence over the
 * reply code, and both over words.
 *
 * @param said texts of the receiving server or its provider in the order of trust, such as `5.2.2` or `smtp;550 5.1.1 unknown user`
 */
export function isAddressGone(...said: readonly string[]): boolean | undefined {
  const texts = said.map((text) => text.slice(0, LONGEST)).filter((text) => text !== "");
  const status = firstOf(texts, ENHANCED);
  if (status !== undefined && !VAGUE.test(status)) return NO_SUCH_ADDRESS.test(status);
  const isUnknown = texts.some((text) => UNKNOWN_USER.test(text));
  if (status?.startsWith("4") || texts.some((text) => FULL.test(text))) return false;
  const reply = firstOf(texts, REPLY);
  if (reply !== undefined && (reply.startsWith("4") || reply === "552")) return false;
  return isUnknown ? true : undefined;
}

/** The enhanced status code (RFC 3463) in a server's answer. */
export const statusIn = (answer: string): string | undefined => ENHANCED.exec(answer.slice(0, LONGEST))?.[1];

// --- internal ---

/** Answers are a line or a few; further text repeats the mail. */
const LONGEST = 2_000;

const ENHANCED = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/;
const REPLY = /(?:^|[^\d.])([45]\d\d)(?![\d.]*\d)/;

/** Generic failures. */
const VAGUE = /^5\.[01]\.0$/;

/** No such mailbox, no such host, invalid address, moved, domain without mail, closed (RFC 3463, RFC 7505). */
const NO_SUCH_ADDRESS = /^5\.(1\.[12]|1\.3|1\.6|1\.10|2\.1)$/;

const UNKNOWN_USER =
  /\b(user|recipient|mailbox|address|account)( is| was)? (unknown|not found|invalid)|\b(unknown|no such|invalid) (local )?(user|recipient|mailbox|address)|does(n't| not) exist/i;

const FULL =
  /\b(mailbox|inbox|account|storage)( \S+){0,3} (full|over ?quota)|\b(over|exceeded|exceeds|insufficient)( \S+){0,3} (quota|storage)/i;

const firstOf = (texts: readonly string[], pattern: RegExp): string | undefined =>
  texts.map((text) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
