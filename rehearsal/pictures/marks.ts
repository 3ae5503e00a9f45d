// What pictures of a rehearsal are made of. The report writes them as SVG text, the console renders them: what is drawn is said once.

/** Which side a mark is of: told by its class, and by a shape beside the colour. */
export type Side = "against" | "with";

/** A shape or a text. `of` are the classes that it has: what it is, and whose. */
export type Mark =
  | { readonly shape: "line"; readonly of: string; readonly x1: number; readonly x2: number; readonly y1: number; readonly y2: number }
  | { readonly shape: "rect"; readonly of: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly shape: "circle"; readonly of: string; readonly cx: number; readonly cy: number; readonly r: number }
  | { readonly shape: "path"; readonly of: string; readonly d: string }
  | { readonly shape: "polygon" | "polyline"; readonly of: string; readonly points: string }
  | TextMark;

/** A text; `whole` is what it is the beginning of, where it was shortened. */
export interface TextMark {
  readonly shape: "text";
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
  readonly text: string;
  readonly whole?: string;
}

/** A picture, in units of its own. */
export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** The room that there is. */
export interface Room {
  readonly width: number;
  /** The room for names left of the marks; 0: they stand above. */
  readonly labels: number;
  /** The most characters of a name. */
  readonly characters: number;
}

export const WIDE: Room = { width: 760, labels: 250, characters: 34 };

/** A phone held upright. */
export const NARROW: Room = { width: 340, labels: 0, characters: 46 };

/** To a tenth, which nobody sees. */
export const place = (value: number): number => Math.round(value * 10) / 10;

export const textMark = (x: number, y: number, text: string, anchor: TextMark["anchor"], whole = text): TextMark => ({
  ...{ shape: "text", x: place(x), y: place(y), anchor, text },
  ...(whole === text ? {} : { whole }),
});

/** The bounds of a figure as a line with ends; nothing where they are one. */
export const whisker = (from: number, to: number, y: number): Mark[] =>
  to - from < 0.5
    ? []
    : [
        {
          shape: "path",
          of: "whisker",
          d: `M${place(from)} ${y - 3}V${y + 3}M${place(from)} ${y}H${place(to)}M${place(to)} ${y - 3}V${y + 3}`,
        },
      ];

/** The name of a row: left of its marks at the height `y`, or above them where there is no room. */
export function nameMark(name: string, { labels, characters }: Room, y: number, above: number): TextMark {
  const short = shortened(name, characters);
  return labels > 0 ? textMark(labels - 10, y, short, "end", name) : textMark(0, above, short, "start", name);
}

// --- internal ---

function shortened(name: string, most: number): string {
  const signs = [...name];
  return signs.length <= most ? name : `${signs.slice(0, most - 1).join("")}…`;
}
