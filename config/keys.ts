import { hashOfKey, isHashOfKey, RIGHTS, type Right, type WriteKey } from "../domain/identity/key-rights.ts";

/** Minimum length; a shorter key can be guessed. */
export const MIN_KEY_LENGTH = 16;

/** A shell command that prints a random key. */
export const KEY_COMMAND = `node -p "require('crypto').randomBytes(24).toString('hex')"`;

export interface GivenKeys {
  readonly write: readonly WriteKey[];
  readonly operator: readonly string[];
  /** Problems, without the keys themselves. */
  readonly problems: readonly string[];
}

/** Parses the keys of the environment: `key[+ask][+consent][+receipts]` for write keys, and operator keys without rights. */
export function readKeys(writeKeys: readonly string[], operatorKeys: readonly string[]): GivenKeys {
  const write = writeKeys.map(keyOf);
  const entries: Entry[] = [
    ...write.map((key, index) => ({ where: `SENTIENT_WRITE_KEYS: key ${index + 1}`, ...key })),
    ...operatorKeys.map((key, index) => ({ where: `SENTIENT_OPERATOR_KEYS: key ${index + 1}`, key, rights: [], others: [] })),
  ];
  return {
    write: write.map(({ key, rights }) => ({ key, rights })),
    operator: operatorKeys,
    problems: [...entries.flatMap(problemIn), ...twice(entries)],
  };
}

// --- internal ---

interface Entry extends WriteKey {
  readonly where: string;
  /** Invalid words after a `+`. */
  readonly others: readonly string[];
}

function keyOf(given: string): Omit<Entry, "where"> {
  const [key = "", ...words] = given.split("+").map((word) => word.trim());
  const isRight = (word: string): word is Right => RIGHTS.includes(word as Right);
  return { key, rights: [...new Set(words.filter(isRight))], others: words.filter((word) => !isRight(word)) };
}

function problemIn({ where, key, others }: Entry): string[] {
  // The text after the plus may be a part of the key, so it is not repeated.
  if (others.length > 0) return [`${where}: behind a + expected ${RIGHTS.join(", ")}; a write key itself has no + in it; ${MAKE_ANOTHER}`];
  if (/^sha256:/i.test(key)) return isHashOfKey(key) ? [] : [`${where}: expected 64 hex digits behind sha256:`];
  return [...key].length >= MIN_KEY_LENGTH ? [] : [`${where}: is shorter than ${MIN_KEY_LENGTH} characters; ${MAKE_ANOTHER}`];
}

const MAKE_ANOTHER = `make one with: ${KEY_COMMAND}`;

/** A key used twice: a sender of signals could operate, and neither use can be revoked alone. */
function twice(entries: readonly Entry[]): string[] {
  const first = new Map<string, string>();
  return entries.flatMap(({ where, key }) => {
    const hash = hashOfKey(key).toString("hex");
    const known = first.get(hash);
    if (known === undefined) first.set(hash, where);
    return known === undefined ? [] : [`${where}: is the same as ${known}; each key is given once; ${MAKE_ANOTHER}`];
  });
}
