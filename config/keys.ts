import { hashOfKey, isHashOfKey, RIGHTS, type Right, type SiteKey, type WriteKey } from "../domain/identity/key-rights.ts";
import { isPersonName, isRole, type PersonKey, ROLES } from "../domain/identity/roles.ts";
import { namesTwice, readSiteKeys, SITE_KEY_WANTED } from "./site-keys.ts";

/** Minimum length; a shorter key can be guessed. */
export const MIN_KEY_LENGTH = 16;

/** A shell command that prints a random key. */
export const KEY_COMMAND = `node -p "require('crypto').randomBytes(24).toString('hex')"`;

/** Keys as the environment lists them. */
export interface ListedKeys {
  readonly write: readonly string[];
  readonly operator: readonly string[];
  readonly console: readonly string[];
  readonly site: readonly string[];
}

export interface GivenKeys {
  readonly write: readonly WriteKey[];
  readonly operator: readonly string[];
  readonly console: readonly PersonKey[];
  readonly site: readonly SiteKey[];
  /** Problems, without the keys themselves. */
  readonly problems: readonly string[];
}

/**
 * Parses the keys of the environment: `key[+ask][+consent][+receipts]` for write keys, operator keys without rights,
 * `NAME/ROLE=key` for the keys of people, and `NAME=key@ORIGIN` for those of sites.
 */
export function readKeys(listed: ListedKeys): GivenKeys {
  const write = listed.write.map(keyOf);
  const people = listed.console.map(personOf);
  const sites = readSiteKeys(listed.site);
  const entries: Entry[] = [
    ...write.map((key, index) => ({ where: `SENTIENT_WRITE_KEYS: key ${index + 1}`, ...key })),
    ...listed.operator.map((key, index) => ({ where: `SENTIENT_OPERATOR_KEYS: key ${index + 1}`, key, rights: [], others: [] })),
    ...people.flatMap((key, index) => (key ? [{ where: consoleKey(index), key: key.key, rights: [], others: [] }] : [])),
    ...sites.flatMap((key, index) => (key ? [{ where: siteKey(index), key: key.key, rights: [], others: [] }] : [])),
  ];
  return {
    write: write.map(({ key, rights }) => ({ key, rights })),
    operator: listed.operator,
    console: people.filter((key) => key !== undefined),
    site: sites.filter((key) => key !== undefined),
    problems: [
      ...people.flatMap((key, index) => (key ? [] : [`${consoleKey(index)}: ${PERSON_WANTED}`])),
      ...sites.flatMap((key, index) => (key ? [] : [`${siteKey(index)}: ${SITE_KEY_WANTED}`])),
      ...sites.flatMap((key, index) => (key?.key.includes("+") ? [`${siteKey(index)}: a site key has no + in it, and no rights`] : [])),
      ...namesTwice(sites).map(({ index, first }) => `${siteKey(index)}: has the name of ${siteKey(first)}; each site key has its own`),
      ...entries.flatMap(problemIn),
      ...twice(entries),
    ],
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

const consoleKey = (index: number): string => `SENTIENT_CONSOLE_KEYS: key ${index + 1}`;

const siteKey = (index: number): string => `SENTIENT_SITE_KEYS: key ${index + 1}`;

const PERSON_WANTED = `expected NAME/ROLE=KEY with one of the roles ${Object.keys(ROLES).join(", ")}; make one with: npx sentient keys new NAME/ROLE`;

/** A key of a person; undefined where it is not of that form. A key may contain `=`, a name may contain `/`. */
function personOf(given: string): PersonKey | undefined {
  const [, name = "", role = "", key = ""] = /^([^=]*)\/([^/=]*)=(.*)$/s.exec(given)?.map((part) => part.trim()) ?? [];
  return isPersonName(name) && isRole(role) ? { name, role, key } : undefined;
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
