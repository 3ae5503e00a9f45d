/**
 * Equality of addresses is defined here only. Stores keep the comparison form beside the original value, so a change here needs a
 * migration of the stored forms.
 */

/**
 * Comparison form of an address; empty where the text contains none. Mail ignores case and outer blanks, phones compare by digits;
 * every other identity is compared exactly.
 */
export function addressForm(type: string, value: string): string {
  if (type === "email") return mailOf(value).toLowerCase().normalize("NFC");
  if (type !== "phone") return value.trim() === "" ? "" : value;
  const { isNumber, digits } = phoneOf(value);
  return isNumber ? digits : value.replaceAll(NO_PART, "").trim().normalize("NFC").toLowerCase();
}

/**
 * Form of an address for providers: mail without surrounding characters, a phone as E.164 (`+442079460018`) where its country code is
 * known. A messenger prefix such as `whatsapp:` stays in front. Other values are returned unchanged.
 */
export function sendForm(type: string, value: string): string {
  if (type === "email") return mailOf(value);
  if (type !== "phone") return value;
  const { isNumber, isInternational, digits, prefix } = phoneOf(value);
  return isNumber ? `${prefix}${isInternational ? "+" : ""}${digits}` : value.trim();
}

/** Why a text is no address of this type, for a reason's detail; undefined where it is one. */
export function flawOf(type: string, value: string): string | undefined {
  if (addressForm(type, value) === "") return "it is empty";
  if (type === "email" && !A_MAIL.test(mailOf(value))) return "it is not a mail address like ann@example.com";
  if (type === "phone" && !isDialable(value)) return "it is not a phone number like +15555550100";
  return undefined;
}

/** Address type detected from the value alone: mail, phone, or otherwise a device. */
export const typeOfAddress = (value: string): "email" | "phone" | "push" =>
  flawOf("email", value) === undefined ? "email" : flawOf("phone", value) === undefined ? "phone" : "push";

/** A trait's value as an address, if it can be one: a text, or a phone number written as a whole number. */
export function addressIn(type: string, trait: unknown): string | undefined {
  if (typeof trait === "string") return trait;
  return type === "phone" && typeof trait === "number" && Number.isSafeInteger(trait) && trait > 0 ? String(trait) : undefined;
}

// --- internal ---

/** Invisible characters: soft hyphens, joiners, direction marks, variation selectors, fillers. */
const NO_PART = /[\u034f\p{Cf}\p{Variation_Selector}\u115f\u1160\u2800\u3164\uffa0]/gu;

const A_MAIL = /^[^\s@<>,;]+@[^\s@<>,;]+$/;

/** As most are written: nothing invisible, no blanks, no scheme, nothing to normalize. */
const A_PLAIN_MAIL = /^[!-9;-~]+$/;

const mailOf = (value: string): string =>
  A_PLAIN_MAIL.test(value)
    ? value
    : value
        .replaceAll(NO_PART, "")
        .trim()
        .replace(/^mailto:/i, "")
        .trim()
        .normalize("NFC");

const MAX_DIGITS = 15;
const isDialable = (value: string): boolean => {
  const { isNumber, digits } = phoneOf(value);
  return isNumber && digits.length <= MAX_DIGITS;
};

interface Phone {
  readonly isNumber: boolean;
  /** Starts with a country code. */
  readonly isInternational: boolean;
  readonly digits: string;
  /** A messenger's prefix with its colon; empty for a plain number. */
  readonly prefix: string;
}

/** Prefixes without meaning beyond "a phone number follows". */
const PLAIN_PREFIXES = ["tel:", "sms:", "smsto:", "callto:", "phone:"];

/** Zeros of scripts whose digits appear on telephones; normalization converts the others to ASCII. */
const ZEROS = [0x0660, 0x06f0, 0x0966];

/** `;ext=12`, `ext. 12`, `x12`, `#12`: dropped, because a message goes to the number itself. */
const EXTENSION = /(?:[;,]?\s*ext(?:ension)?[.:=\s]*|\s*x\.?\s*|\s*#\s*)\d{1,7}$/i;

/** Separators between digits: blanks, dashes of every kind, dots and slashes. */
const SEPARATORS = /[\s\p{Pd}\u2212\u2043\u30fb\u00b7.,/\\'_~]/gu;

/** E.164, as most are written. */
const A_PLAIN_PHONE = /^\+[1-9]\d*$/;

function phoneOf(value: string): Phone {
  if (A_PLAIN_PHONE.test(value)) return { isNumber: true, isInternational: true, digits: value.slice(1), prefix: "" };
  const text = ZEROS.reduce(inAscii, value.normalize("NFKC").replaceAll(NO_PART, "").replaceAll(/\s+/g, " ").trim());
  const [, scheme = "", rest = ""] = /^([a-z]+:)?(.*)$/is.exec(text) ?? [];
  const [number = "", ...parameters] = rest.split(";");
  const context = parameters.map((one) => /^\s*phone-context=\s*(\+[\d().-]+)\s*$/i.exec(one)?.[1]).find((one) => one !== undefined);
  const named = number.trim().replace(EXTENSION, "");
  const whole = context !== undefined && !named.trimStart().startsWith("+") ? `${context}${named}` : named;
  const bare = whole.replaceAll(SEPARATORS, "").replaceAll(/[[{]/g, "(").replaceAll(/[\]}]/g, ")");
  const withCode = bare.replace(/^\(?(?:\+|00(?=\(?[1-9]))\)?/, "+").replace(/^(\+?\(?\d{1,3}\)?)\(0\)/, "$1");
  // International prefix in place of a plus; no national number starts with two zeros.
  const digits = withCode.replaceAll(/[()]/g, "").replace(/^00(?=[1-9])/, "+");
  const prefix = PLAIN_PREFIXES.includes(scheme.toLowerCase()) ? "" : scheme.toLowerCase();
  return { isNumber: /^\+?\d+$/.test(digits), isInternational: digits.startsWith("+"), digits: digits.replace(/^\+/, ""), prefix };
}

const inAscii = (text: string, zero: number): string =>
  text.replaceAll(new RegExp(`[${String.fromCodePoint(zero)}-${String.fromCodePoint(zero + 9)}]`, "gu"), (digit) =>
    String((digit.codePointAt(0) ?? zero) - zero),
  );
