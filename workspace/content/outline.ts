/** A text without its Liquid, as it is laid out when every condition in it holds, or none does. */
export interface Outline {
  readonly text: string;
  /** The place of an offset: a line from 1, within the shared template `file` where it came from one. */
  placeOf(offset: number): { readonly line: number; readonly file?: string };
}

/**
 * Strips a template of its tags and stands a digit in for each value, so that its markup can be checked line by line without any data.
 * Shared templates are filled in. Undefined for templates whose structure only rendering tells, like that of `layout`.
 *
 * @param holds whether the conditions hold; loops then run once, else not at all
 */
export function outlineOf(source: string, templates: Readonly<Record<string, string>>, holds: boolean): Outline | undefined {
  const pieces: Piece[] = [];
  if (!sketch(source, undefined, { pieces, templates, holds, depth: 0 })) return undefined;
  return {
    text: pieces.map(({ text }) => text).join(""),
    placeOf(offset) {
      let end = 0;
      for (const { text, from, source: own, file } of pieces) {
        end += text.length;
        if (offset < end) return placeIn(own, from + (offset - (end - text.length)), file);
      }
      return placeIn(source, source.length, undefined);
    },
  };
}

// --- internal ---

interface Piece {
  readonly text: string;
  /** Where it begins in its source. */
  readonly from: number;
  readonly source: string;
  readonly file: string | undefined;
}

interface Sketching {
  readonly pieces: Piece[];
  readonly templates: Readonly<Record<string, string>>;
  readonly holds: boolean;
  readonly depth: number;
}

const placeIn = (source: string, offset: number, file: string | undefined) => ({
  line: source.slice(0, offset).split("\n").length,
  ...(file === undefined ? {} : { file }),
});

const MARK = /\{\{[\s\S]*?\}\}|\{%-?\s*(\w+|#)([\s\S]*?)-?%\}/g;
const MAX_DEPTH = 20;

/** An open tag: whether its current branch is part of the outline, and whether a branch of it was. */
interface Branch {
  readonly ends: string;
  shown: boolean;
  wasShown: boolean;
}

/** Their texts are not printed where they stand; of `case` those of its branches are. */
const WITHOUT_TEXT = ["comment", "capture", "doc", "case"];
const OPENING = [...WITHOUT_TEXT, "if", "unless", "for", "tablerow"];
const SHARED = ["render", "include"];
/** What they print is known only by rendering. */
const STRUCTURAL = ["layout", "block", "raw", "liquid"];

/** Adds the pieces of a text; false where its structure cannot be known. */
function sketch(source: string, file: string | undefined, sketching: Sketching): boolean {
  const branches: Branch[] = [];
  const isShown = (): boolean => branches.every(({ shown }) => shown);
  const add = (text: string, from: number): void => {
    if (text !== "" && isShown()) sketching.pieces.push({ text, from, source, file });
  };
  let from = 0;
  for (const { 0: mark, 1: tag = "echo", 2: rest = "", index } of source.matchAll(MARK)) {
    add(source.slice(from, index), from);
    from = index + mark.length;
    if (tag === "echo") add("1", index);
    else if (!SHARED.includes(tag)) turn(tag, branches, sketching.holds);
    if (STRUCTURAL.includes(tag) || (SHARED.includes(tag) && isShown() && !sketchShared(rest, sketching))) return false;
  }
  add(source.slice(from), from);
  return true;
}

function sketchShared(rest: string, sketching: Sketching): boolean {
  const name = /^\s*['"]([^'"]+)['"]/.exec(rest)?.[1];
  const file = name && [name, `${name}.liquid`, `${name}.mjml.liquid`].find((one) => Object.hasOwn(sketching.templates, one));
  const source = file && sketching.templates[file];
  if (!file || source === undefined || sketching.depth >= MAX_DEPTH) return false;
  return sketch(source, file, { ...sketching, depth: sketching.depth + 1 });
}

/** Opens, changes or closes a branch. */
function turn(tag: string, branches: Branch[], holds: boolean): void {
  const last = branches.at(-1);
  if (last?.ends === tag) branches.pop();
  else if (last && ["elsif", "when", "else"].includes(tag)) {
    last.shown = !last.wasShown && (tag === "else" || holds);
    last.wasShown ||= last.shown;
  } else if (OPENING.includes(tag)) {
    // `unless a` is the other way round than `if a`, so that of a pair of them one is shown.
    const shown = !WITHOUT_TEXT.includes(tag) && holds !== (tag === "unless");
    branches.push({ ends: `end${tag}`, shown, wasShown: shown });
  }
}
