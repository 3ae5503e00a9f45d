import type { SiteKey } from "../domain/identity/key-rights.ts";
import { isPersonName } from "../domain/identity/roles.ts";

/** Minimum length of the secret that signs tokens of sites. */
export const MIN_SECRET_LENGTH = 16;

/**
 * Parses the keys of sites: `name=key@https://shop.example[ https://…]`. Undefined in place of an entry that is not of that form. A name
 * contains no `=`; a key may contain `=` and `@`.
 */
export const readSiteKeys = (listed: readonly string[]): readonly (SiteKey | undefined)[] => listed.map(siteKeyOf);

/** What an entry has to look like. */
export const SITE_KEY_WANTED =
  "expected NAME=KEY@ORIGIN with an origin as browsers write it, like https://shop.example: without a path, a trailing slash or *; several with blanks between them";

/** Names that two keys have: the site that asks is known by them. */
export function namesTwice(keys: readonly (SiteKey | undefined)[]): readonly { readonly index: number; readonly first: number }[] {
  const names = keys.map((key) => key?.name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    return name === undefined || first === index ? [] : [{ index, first }];
  });
}

// --- internal ---

function siteKeyOf(given: string): SiteKey | undefined {
  const [, name = "", key = "", list = ""] = /^([^=]*)=(.*?)@((?:https?:\/\/[^\s@]+)(?:\s+[^\s@]+)*)$/s.exec(given) ?? [];
  const origins = list.split(/\s+/);
  return isPersonName(name.trim()) && origins.every(isOrigin)
    ? { name: name.trim(), key: key.trim(), origins: [...new Set(origins)] }
    : undefined;
}

/** Whether a text is an origin exactly as a browser puts it into `Origin`, so that texts can be compared. */
const isOrigin = (text: string): boolean =>
  URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol) && new URL(text).origin === text && !text.includes("*");
