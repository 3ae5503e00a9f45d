/** A tag of a language (BCP 47) in the form in which tags are compared: lower case, `-` between its parts. */
export const tagForm = (tag: string): string => tag.trim().replaceAll("_", "-").toLowerCase();

/**
 * The tags to look for, in order, for a customer's language (the lookup of RFC 4647, section 3.4): the tag itself, then one part less each
 * time, never ending in a part of one letter. In the form of `tagForm`. A value that is no tag gives none: it is data of others.
 */
export function tagsFor(language: string): string[] {
  // What some systems add to a tag: an encoding (`de_AT.UTF-8`), a modifier, further languages.
  const tag = /^[a-z0-9-]{2,60}/.exec(tagForm(language))?.[0] ?? "";
  const parts = tag.split("-").filter((part) => part !== "");
  const tags: string[] = [];
  for (let count = parts.length; count > 0; count--) {
    const isCutAtSingle = count < parts.length && parts[count - 1]?.length === 1;
    if (!isCutAtSingle) tags.push(parts.slice(0, count).join("-"));
  }
  return tags;
}

/** Whether a tag is well formed, and names a language, script and region that are known. */
export function isKnownTag(tag: string): boolean {
  const locale = localeOf(tag);
  if (locale === undefined) return false;
  const { language, script, region } = locale;
  return [isNamed("language", language), isNamed("script", script), isNamed("region", region)].every(Boolean);
}

/** The English name of a tag's language, such as `Brazilian Portuguese`; the tag itself where there is none. */
export function languageName(tag: string): string {
  const locale = localeOf(tag);
  return (locale && namesOf("language").of(locale.toString())) ?? tag;
}

// --- internal ---

function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tagForm(tag));
  } catch {
    return undefined;
  }
}

type Part = "language" | "script" | "region";

const names = new Map<Part, Intl.DisplayNames>();

function namesOf(type: Part): Intl.DisplayNames {
  const known = names.get(type) ?? new Intl.DisplayNames("en", { type, fallback: "none" });
  names.set(type, known);
  return known;
}

const isNamed = (part: Part, code: string | undefined): boolean => code === undefined || namesOf(part).of(code) !== undefined;
