// Text from outside (customers, documents, models, providers) as it really is: characters that hide, reorder or imitate are shown by name.

/** A run of text, or one character that would not be seen. */
export type Piece = { readonly text: string } | { readonly hidden: string };

/** The most characters that are shown before "more". */
export const CUT = 4_096;

const HIDDEN =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: combining characters are looked for alone.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|\u034f|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/u;

/** Splits a text into what is seen and what would not be. Line feeds and tabs stay; an emoji keeps its joiners. */
export function piecesOf(text: string): readonly Piece[] {
  if (!HIDDEN.test(text)) return text === "" ? [] : [{ text }];
  const pieces: Piece[] = [];
  let seen = "";
  const characters = [...text];
  for (const [index, character] of characters.entries()) {
    if (!HIDDEN.test(character) || belongsToEmoji(character, characters[index - 1])) {
      seen += character;
      continue;
    }
    if (seen !== "") pieces.push({ text: seen });
    seen = "";
    pieces.push({ hidden: nameOf(character) });
  }
  if (seen !== "") pieces.push({ text: seen });
  return pieces;
}

/** The beginning of a text, without half a character at its end. */
export function cut(text: string, most = CUT): string {
  if (text.length <= most) return text;
  const isSplit = /[\ud800-\udbff]/.test(text[most - 1] ?? "");
  return text.slice(0, isSplit ? most - 1 : most);
}

/** A text on one line, for a title: what would not be seen is named in brackets. */
export const plain = (text: string, most = 200): string =>
  piecesOf(cut(text, most).replaceAll(/\s+/g, " "))
    .map((piece) => ("text" in piece ? piece.text : `[${piece.hidden}]`))
    .join("");

/** The parts of a text between which a line may break: after dots, hyphens, underscores and slashes within a word. */
export const breakable = (text: string): readonly string[] => text.split(/(?<=[\p{L}\p{N}][._/-])(?=[\p{L}\p{N}])/u);

/** The mask that the server gives in place of a text to people who may not see texts. */
export const MASK = "•••";

// --- internal ---

const NAMES: Readonly<Record<number, string>> = {
  8203: "zero width space",
  8204: "zero width non-joiner",
  8205: "zero width joiner",
  8206: "left-to-right mark",
  8207: "right-to-left mark",
  8234: "left-to-right embedding",
  8235: "right-to-left embedding",
  8236: "end of direction",
  8237: "left-to-right override",
  8238: "right-to-left override",
  8294: "left-to-right isolate",
  8295: "right-to-left isolate",
  8297: "end of isolate",
  173: "soft hyphen",
  65279: "zero width no-break space",
};

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xe0020 && code <= 0xe007e) return `tag ${String.fromCharCode(code - 0xe0000)}`;
  return NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A variation selector or joiner right after an emoji is part of it. */
const belongsToEmoji = (character: string, before: string | undefined): boolean =>
  (character === "\ufe0f" || character === "\u200d") && before !== undefined && /\p{Emoji}|\ufe0f/u.test(before) && !/[\d#*]/.test(before);
