/** Removes invisible characters: zero-width characters, tags, direction marks, control characters. */
export const visibleText = (text: string): string =>
  text.normalize("NFC").replace(/[^\P{C}\n\t]|[\u{E0000}-\u{E0FFF}\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\u00AD]/gu, "");

/** The visible text on one line. */
export const oneLine = (text: string): string => visibleText(text).replace(/\s+/g, " ").trim();
