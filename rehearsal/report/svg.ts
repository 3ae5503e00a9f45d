import type { Figure } from "../results/figures.ts";
import { amount } from "../results/words.ts";

/** Text as HTML and SVG show it: nothing in it is markup. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Which side a mark is of: told by its class, and by a shape beside the colour. */
export type Side = "against" | "with";

const WIDTH = 760;
const LABELS = 250;
const RIGHT = 70;

/** A line for each side with the band in which 90 of 100 paths are, by day. */
export function bandPicture(title: string, sides: Readonly<Record<Side, readonly Figure[]>>, height = 220): string {
  const days = sides.with.length;
  const [left, top, bottom] = [44, 10, 28];
  const most = niceTop(Math.max(0, ...[...sides.against, ...sides.with].map(({ high }) => high)));
  const x = (day: number): number => left + ((day + 0.5) * (WIDTH - left - 10)) / days;
  const y = (value: number): number => top + (height - top - bottom) * (1 - value / most);
  const point = (day: number, value: number): string => `${place(x(day))},${place(y(value))}`;
  const marks = (side: Side): string => {
    const figures = sides[side];
    const band = [...figures.map(({ high }, day) => point(day, high)), ...figures.map(({ low }, day) => point(day, low)).reverse()];
    const line = figures.map(({ mean }, day) => point(day, mean)).join(" ");
    const dots = days === 1 ? `<circle class="dot ${side}" cx="${place(x(0))}" cy="${place(y(figures[0]?.mean ?? 0))}" r="4"/>` : "";
    return `<polygon class="band ${side}" points="${band.join(" ")}"/><polyline class="line ${side}" points="${line}"/>${dots}`;
  };
  const steps = stepsTo(most).map(
    (value) =>
      `<line class="grid" x1="${left}" x2="${WIDTH - 10}" y1="${place(y(value))}" y2="${place(y(value))}"/>${textAt(left - 6, y(value) + 4, amount(value), "end")}`,
  );
  const names = dayNames(days).map((day) => textAt(x(day - 1), height - 10, `day ${day}`, "middle"));
  return picture(title, height, [...steps, ...names, marks("against"), marks("with")]);
}

/** A row of two bars for each name, with the bounds of 90 of 100 paths. */
export function barPicture(
  title: string,
  rows: readonly { readonly name: string; readonly against: Figure; readonly with: Figure }[],
  write: (value: number) => string = amount,
): string {
  const most = Math.max(0, ...rows.flatMap((row) => [row.against.high, row.with.high])) || 1;
  const x = (value: number): number => LABELS + ((WIDTH - LABELS - RIGHT) * value) / most;
  const bar = (side: Side, { mean, low, high }: Figure, top: number): string =>
    `<rect class="bar ${side}" x="${LABELS}" y="${top}" width="${place(x(mean) - LABELS)}" height="11"/>${whisker(x(low), x(high), top + 5.5)}${textAt(x(high) + 6, top + 10, write(mean), "start")}`;
  const marks = rows.flatMap(({ name, ...row }, place) => {
    const top = 6 + place * ROW;
    return [textAt(LABELS - 10, top + 16, shortened(name), "end", name), bar("against", row.against, top), bar("with", row.with, top + 13)];
  });
  return picture(title, 10 + rows.length * ROW, marks);
}

/** A dot with its bounds for each name, left of the middle where there is less, right of it where there is more. */
export function differencePicture(
  title: string,
  rows: readonly { readonly name: string; readonly difference: Figure }[],
  write: (value: number) => string,
): string {
  const most = Math.max(0, ...rows.flatMap(({ difference: { low, high } }) => [Math.abs(low), Math.abs(high)])) || 1;
  const middle = LABELS + (WIDTH - LABELS - RIGHT) / 2;
  const x = (value: number): number => middle + ((WIDTH - LABELS - RIGHT) / 2) * (value / most);
  const height = 34 + rows.length * SINGLE_ROW;
  const words = [textAt(middle - 8, 12, "fewer", "end"), textAt(middle + 8, 12, "more", "start")];
  const axis = `<line class="axis" x1="${place(middle)}" x2="${place(middle)}" y1="2" y2="${height - 8}"/>`;
  const marks = rows.flatMap(({ name, difference }, row) => {
    const y = 30 + row * SINGLE_ROW;
    return [
      textAt(LABELS - 10, y + 4, shortened(name), "end", name),
      whisker(x(difference.low), x(difference.high), y),
      `<circle class="dot with" cx="${place(x(difference.mean))}" cy="${y}" r="4.5"/>`,
      textAt(besideAxis(Math.max(x(difference.high), x(difference.mean)) + 9, middle), y + 4, write(difference.mean), "start"),
    ];
  });
  return picture(title, height, [axis, ...words, ...marks]);
}

// --- internal ---

const ROW = 36;
const SINGLE_ROW = 22;

/** The room that a number takes. */
const NUMBER = 48;

/** The most characters of a name beside a mark; the whole name is its title. */
const MOST_CHARACTERS = 34;

const picture = (title: string, height: number, marks: readonly string[]): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}"><title>${escaped(title)}</title>${marks.join("")}</svg>`;

const place = (value: number): string => String(Math.round(value * 10) / 10);

const whisker = (from: number, to: number, y: number): string =>
  to - from < 0.5
    ? ""
    : `<path class="whisker" d="M${place(from)} ${y - 3}V${y + 3}M${place(from)} ${y}H${place(to)}M${place(to)} ${y - 3}V${y + 3}"/>`;

/** A number that would stand across the axis stands right of it. */
const besideAxis = (x: number, middle: number): number => (x < middle && x + NUMBER > middle ? middle + 8 : x);

const textAt = (x: number, y: number, text: string, anchor: "start" | "middle" | "end", whole = text): string =>
  `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}">${escaped(text)}${whole === text ? "" : `<title>${escaped(whole)}</title>`}</text>`;

function shortened(name: string): string {
  const signs = [...name];
  return signs.length <= MOST_CHARACTERS ? name : `${signs.slice(0, MOST_CHARACTERS - 1).join("")}…`;
}

/** The next of 1, 2, 2.5 and 5 times a power of ten, so that the steps of an axis are numbers that people count by. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10);
}

const stepsTo = (most: number): number[] => [0, most / 2, most];

/** Days that are named below: not more than some ten. */
function dayNames(days: number): number[] {
  const step = Math.max(1, Math.ceil(days / 10));
  return Array.from({ length: Math.ceil(days / step) }, (_, n) => 1 + n * step);
}
