import type { Figure } from "../results/figures.ts";
import { amount } from "../results/words.ts";
import { type Drawing, type Mark, nameMark, place, type Room, type Side, textMark, WIDE, whisker } from "./marks.ts";

/** A line for each side with the band in which 90 of 100 paths are, by day. */
export function bandDrawing(
  title: string,
  sides: Readonly<Record<Side, readonly Figure[]>>,
  { width }: Room = WIDE,
  height = 220,
): Drawing {
  const days = sides.with.length;
  const [left, top, bottom] = [44, 10, 28];
  const most = niceTop(Math.max(0, ...[...sides.against, ...sides.with].map(({ high }) => high)));
  const x = (day: number): number => left + ((day + 0.5) * (width - left - 10)) / days;
  const y = (value: number): number => top + (height - top - bottom) * (1 - value / most);
  const point = (day: number, value: number): string => `${place(x(day))},${place(y(value))}`;
  const marks = (side: Side): Mark[] => {
    const figures = sides[side];
    const band = [...figures.map(({ high }, day) => point(day, high)), ...figures.map(({ low }, day) => point(day, low)).reverse()];
    const line = figures.map(({ mean }, day) => point(day, mean)).join(" ");
    return [
      { shape: "polygon", of: `band ${side}`, points: band.join(" ") },
      { shape: "polyline", of: `line ${side}`, points: line },
      ...(days === 1 ? [{ shape: "circle", of: `dot ${side}`, cx: place(x(0)), cy: place(y(figures[0]?.mean ?? 0)), r: 4 } as const] : []),
    ];
  };
  const steps = stepsTo(most).flatMap((value): Mark[] => [
    { shape: "line", of: "grid", x1: left, x2: width - 10, y1: place(y(value)), y2: place(y(value)) },
    textMark(left - 6, y(value) + 4, amount(value), "end"),
  ]);
  const names = dayNames(days, Math.floor(width / ROOM_OF_A_DAY)).map((day) => textMark(x(day - 1), height - 10, `day ${day}`, "middle"));
  return { title, width, height, marks: [...steps, ...names, ...marks("against"), ...marks("with")] };
}

/** A row of two bars for each name, with the bounds of 90 of 100 paths. */
export function barDrawing(
  title: string,
  rows: readonly { readonly name: string; readonly against: Figure; readonly with: Figure }[],
  room: Room = WIDE,
  write: (value: number) => string = amount,
): Drawing {
  const { labels, width } = room;
  const most = Math.max(0, ...rows.flatMap((row) => [row.against.high, row.with.high])) || 1;
  const x = (value: number): number => labels + ((width - labels - RIGHT) * value) / most;
  const bar = (side: Side, { mean, low, high }: Figure, top: number): Mark[] => [
    { shape: "rect", of: `bar ${side}`, x: labels, y: top, width: place(x(mean) - labels), height: 11 },
    ...whisker(x(low), x(high), top + 5.5),
    textMark(x(high) + 6, top + 10, write(mean), "start"),
  ];
  const [row, down] = labels > 0 ? [ROW, 0] : [ROW + ABOVE, ABOVE];
  const marks = rows.flatMap(({ name, ...figures }, index) => {
    const top = 6 + index * row + down;
    return [nameMark(name, room, top + 16, top - 5), ...bar("against", figures.against, top), ...bar("with", figures.with, top + 13)];
  });
  return { title, width, height: 10 + rows.length * row, marks };
}

/** A dot with its bounds for each name, left of the middle where there is less, right of it where there is more. */
export function differenceDrawing(
  title: string,
  rows: readonly { readonly name: string; readonly difference: Figure }[],
  write: (value: number) => string,
  room: Room = WIDE,
): Drawing {
  const { labels, width } = room;
  const most = Math.max(0, ...rows.flatMap(({ difference: { low, high } }) => [Math.abs(low), Math.abs(high)])) || 1;
  // A dot at the edge is whole.
  const left = labels || 6;
  const middle = left + (width - left - RIGHT) / 2;
  const x = (value: number): number => middle + ((width - left - RIGHT) / 2) * (value / most);
  const [step, down] = labels > 0 ? [SINGLE_ROW, 0] : [SINGLE_ROW + ABOVE, ABOVE];
  const height = 34 + rows.length * step;
  const axis: Mark = { shape: "line", of: "axis", x1: place(middle), x2: place(middle), y1: 2, y2: height - 8 };
  const words = [textMark(middle - 8, 12, "fewer", "end"), textMark(middle + 8, 12, "more", "start")];
  const marks = rows.flatMap(({ name, difference }, index): Mark[] => {
    const y = 30 + index * step + down;
    return [
      nameMark(name, room, y + 4, y - 12),
      ...whisker(x(difference.low), x(difference.high), y),
      { shape: "circle", of: "dot with", cx: place(x(difference.mean)), cy: y, r: 4.5 },
      textMark(besideAxis(Math.max(x(difference.high), x(difference.mean)) + 9, middle), y + 4, write(difference.mean), "start"),
    ];
  });
  return { title, width, height, marks: [axis, ...words, ...marks] };
}

// --- internal ---

const RIGHT = 70;
const ROW = 36;
const SINGLE_ROW = 22;

/** More height of a row whose name stands above it. */
const ABOVE = 18;

/** The room that a number takes. */
const NUMBER = 48;

/** The room that the name of a day takes, with some around it. */
const ROOM_OF_A_DAY = 76;

/** A number that would stand across the axis stands right of it. */
const besideAxis = (x: number, middle: number): number => (x < middle && x + NUMBER > middle ? middle + 8 : x);

/** The next of 1, 2, 2.5 and 5 times a power of ten, so that the steps of an axis are numbers that people count by. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10);
}

const stepsTo = (most: number): number[] => [0, most / 2, most];

/** Days that are named below: not more than some. */
function dayNames(days: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(days / most));
  return Array.from({ length: Math.ceil(days / step) }, (_, n) => 1 + n * step);
}
