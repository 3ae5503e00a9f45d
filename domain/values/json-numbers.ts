// JSON.parse rounds numbers that a double cannot represent, so digits are checked in the text. Nothing here recurses.

/** Paths of id fields, as field names from the root; `*` matches every element of a list. */
export type IdPlaces = readonly (readonly string[])[];

/** The text with long numbers at ids quoted, or the problem with the path of a number that would lose digits. */
export type KeptDigits = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** The largest whole number up to which a double represents every one. */
export const LARGEST_WHOLE = 2 ** 53;

/**
 * Checks every number of a JSON text that may be beyond 2^53. At an id, a whole number becomes its digits as text. Elsewhere a whole
 * number is rejected, and so is a decimal that would not be printed as written. Invalid JSON is returned unchanged: the parser reports
 * it.
 */
export function keepDigits(text: string, ids: IdPlaces): KeptDigits {
  if (!MAY_BE_LONG.test(text)) return { ok: true, text };
  let kept = "";
  let from = 0;
  for (const { start, token, path } of numbersIn(text)) {
    if (!losesDigits(token)) continue;
    if (!WHOLE.test(token) || !isIdPlace(path, ids)) return { ok: false, problem: lost(path.join("."), token) };
    kept += `${text.slice(from, start)}"${token}"`;
    from = start + token.length;
  }
  return { ok: true, text: from === 0 ? text : kept + text.slice(from) };
}

/** Returns a copy with whole numbers at ids as text, so that 42 and "42" are the same id. */
export function idsAsText<T>(value: T, ids: IdPlaces): T {
  return ids.reduce((changed, place) => textAt(changed, place, 0) as T, value);
}

/** Whether a double cannot represent a JSON number: a whole one beyond 2^53, or one that would be printed differently. */
export function losesDigits(token: string): boolean {
  const value = Number(token);
  if (Number.isSafeInteger(value)) return false;
  if (WHOLE.test(token)) return token.replace("-", "") !== String(LARGEST_WHOLE);
  return Number.isFinite(value) && Math.abs(value) > LARGEST_WHOLE && written(token) !== written(String(value));
}

/** Problem text for a rejected number, with its path. */
export const lost = (path: string, token: string): string =>
  `${path || "the value"} is ${token.length > 40 ? `${token.slice(0, 40)}…` : token}, and numbers are exact up to 9007199254740992 (2^53) only; send it as text, in quotes`;

/** Whether a path is an id's. */
export const isIdPlace = (path: readonly (string | number)[], ids: IdPlaces): boolean =>
  ids.some((place) => place.length === path.length && place.every((step, index) => isStep(step, path[index])));

/** Index of the closing quote of the string that begins at `start`; a backslash escapes the next character. */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
  }
  return text.length;
}

// --- internal ---

const BACKSLASH = 92;

/** A run of 16 digits, or a fraction with an exponent: no other number can be beyond 2^53 with more digits than a double. */
const MAY_BE_LONG = /\d{16}|\.\d+[eE]/;
const WHOLE = /^-?\d+$/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

interface Token {
  readonly start: number;
  readonly token: string;
  /** Its path; valid only until the next number is requested. */
  readonly path: readonly (string | number)[];
}

function* numbersIn(text: string): Generator<Token> {
  const place = new Place();
  for (let index = 0; index < text.length; index++) {
    const sign = text[index] ?? "";
    if (sign === '"') {
      const end = endOfString(text, index);
      place.passString(text, index, end);
      index = end;
    } else if (beginsNumber(sign)) {
      NUMBER.lastIndex = index;
      const token = NUMBER.exec(text)?.[0] ?? sign;
      if (!place.isName) yield { start: index, token, path: place.path };
      index += token.length - 1;
    } else place.pass(sign);
  }
}

const beginsNumber = (sign: string): boolean => sign === "-" || (sign >= "0" && sign <= "9");

/** Position in a JSON text: a step for each open bracket. */
class Place {
  readonly path: (string | number)[] = [];
  /** Whether a field name is expected next. */
  isName = false;

  pass(sign: string): void {
    if (sign === "{" || sign === "[") this.path.push(sign === "[" ? 0 : "");
    if (sign === "}" || sign === "]") this.path.pop();
    const step = this.path.at(-1);
    if (sign === "," && typeof step === "number") this.path[this.path.length - 1] = step + 1;
    else if (sign === "," || sign === "{") this.isName = step !== undefined;
    else if (BRACKETS.includes(sign)) this.isName = false;
  }

  passString(text: string, start: number, end: number): void {
    if (this.isName) this.path[this.path.length - 1] = nameIn(text.slice(start, end + 1));
    this.isName = false;
  }
}

const BRACKETS = "[]}";

function nameIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return "?";
  }
}

const isStep = (step: string, there: string | number | undefined): boolean => (step === "*" ? typeof there === "number" : step === there);

function textAt(value: unknown, place: readonly string[], depth: number): unknown {
  const step = place[depth];
  if (step === undefined) return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (step === "*") {
    if (!Array.isArray(value)) return value;
    const changed = value.map((item) => textAt(item, place, depth + 1));
    return changed.some((item, index) => item !== value[index]) ? changed : value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return value;
  const before = (value as Record<string, unknown>)[step];
  const after = textAt(before, place, depth + 1);
  return after === before ? value : { ...value, [step]: after };
}

/** A number's significant digits and the power of ten of the last one: equal for two spellings of one number. */
function written(token: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const bare = digits.replace(/0+$/, "");
  return `${sign}${bare}e${Number(exponent) - fraction.length + digits.length - bare.length}`;
}
