/**
 * Joins texts into one key. Injective: two different lists of the same length never share a key. Parts without a line break are joined
 * by one, as keys in existing stores are; where a part contains a line break, the key begins with one.
 */
export const joinKey = (...parts: readonly string[]): string =>
  parts.some((part) => part.includes("\n")) ? `\n${parts.map(escaped).join("\n")}` : parts.join("\n");

// --- internal ---

const escaped = (part: string): string => part.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
