/** Figures as SVG text: lines over a count and values with intervals, readable on any background. */

export interface CoursePoint {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Course {
  readonly title: string;
  readonly xLabel: string;
  readonly points: readonly CoursePoint[];
  readonly name: string;
  /** Reference levels. */
  readonly references: readonly { readonly name: string; readonly value: number }[];
}

/** One line with a band around it, and level lines labelled at the right. */
export function courseFigure({ title, xLabel, points, name, references }: Course): string {
  const [width, height] = [760, 380];
  const area = { left: 60, right: width - 170, top: 50, bottom: height - 50 };
  const values = [...points.flatMap(({ low, high }) => [low, high]), ...references.map(({ value }) => value)];
  const y = axis(niceRange(values), area.bottom, area.top);
  const x = axis({ from: 0, to: Math.max(...points.map((point) => point.x)) }, area.left, area.right);
  const at = (point: CoursePoint, value: number) => `${round(x(point.x))},${round(y(value))}`;
  const band = [...points.map((point) => at(point, point.high)), ...[...points].reverse().map((point) => at(point, point.low))];
  const last = points.at(-1);
  return svg(width, height, title, [
    ...ticksOf(niceRange(values)).map((value) => horizontal(area, y(value), percent(value))),
    ...ticksOf({ from: 0, to: x.range.to }).map((value) => label(x(value), area.bottom + 18, String(Math.round(value)), "middle", MUTED)),
    label((area.left + area.right) / 2, height - 12, xLabel, "middle", MUTED),
    ...references.map(({ value }, index) =>
      line(area.left, y(value), area.right, y(value), COLORS[(index + 1) % COLORS.length], "stroke-dasharray='5 4'"),
    ),
    ...spread(references.map((one, index) => ({ ...one, y: y(one.value), color: COLORS[(index + 1) % COLORS.length] }))).map((one) =>
      label(area.right + 8, one.y + 4, `${one.name} ${percent(one.value)}`, "start", one.color),
    ),
    `<polygon points="${band.join(" ")}" fill="${COLORS[0]}" opacity="0.18"/>`,
    `<polyline points="${points.map((point) => at(point, point.mean)).join(" ")}" fill="none" stroke="${COLORS[0]}" stroke-width="2.5"/>`,
    ...(last ? [label(area.left + 8, area.top - 8, name, "start", COLORS[0])] : []),
  ]);
}

export interface Dot {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Intervals {
  readonly title: string;
  readonly groups: readonly { readonly name: string; readonly dots: readonly Dot[] }[];
  /** Decimal places of percentages. */
  readonly digits: number;
}

/** Values with their intervals, stacked in groups; the same name has the same colour throughout. */
export function intervalFigure({ title, groups, digits }: Intervals): string {
  const width = 760;
  const names = [...new Set(groups.flatMap(({ dots }) => dots.map(({ name }) => name)))];
  const rows = groups.flatMap(({ name, dots }) => [{ heading: name, dot: undefined }, ...dots.map((dot) => ({ heading: "", dot }))]);
  const area = { left: 220, right: width - 40, top: 50, bottom: 60 + rows.length * ROW };
  const range = niceRange([0, ...groups.flatMap(({ dots }) => dots.flatMap(({ low, high }) => [low, high]))]);
  const x = axis(range, area.left, area.right);
  const drawn = rows.flatMap(({ heading, dot }, index) => {
    const y = area.top + (index + 0.7) * ROW;
    if (!dot) return [label(16, y + 4, heading, "start", INK, "font-weight='bold'")];
    const color = COLORS[names.indexOf(dot.name) % COLORS.length];
    return [
      label(area.left - 12, y + 4, dot.name, "end", MUTED),
      line(x(dot.low), y, x(dot.high), y, color, "stroke-width='2'"),
      `<circle cx="${round(x(dot.value))}" cy="${round(y)}" r="4.5" fill="${color}"/>`,
    ];
  });
  const grid = ticksOf(range).flatMap((value) => [
    line(x(value), area.top, x(value), area.bottom, "#ddd"),
    label(x(value), area.bottom + 18, percent(value, digits), "middle", MUTED),
  ]);
  return svg(width, area.bottom + 34, title, [...grid, ...drawn]);
}

// --- internal ---

const COLORS = ["#1f6feb", "#c2410c", "#15803d", "#7c3aed", "#6b7280", "#be185d"];
const INK = "#1f2328";
const MUTED = "#57606a";
const ROW = 22;

interface Range {
  readonly from: number;
  readonly to: number;
}

function axis(range: Range, start: number, end: number): ((value: number) => number) & { readonly range: Range } {
  const scale = (value: number) => start + ((value - range.from) / (range.to - range.from)) * (end - start);
  return Object.assign(scale, { range });
}

/** A range around the values that ends at ticks. */
function niceRange(values: readonly number[]): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = stepOf(high - low);
  return { from: Math.floor(low / step) * step, to: Math.ceil(high / step) * step };
}

/** 1, 2 or 5 times a power of ten, for four to eight ticks. */
function stepOf(span: number): number {
  const rough = span / 6 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((one) => one * power >= rough) ?? 10) * power;
}

function ticksOf({ from, to }: Range): number[] {
  const step = stepOf(to - from);
  return Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, index) => from + index * step);
}

/** Moves overlapping labels apart, downwards. */
function spread<T extends { readonly y: number }>(labels: readonly T[]): T[] {
  let free = Number.NEGATIVE_INFINITY;
  return [...labels]
    .sort((a, b) => a.y - b.y)
    .map((one) => {
      const y = Math.max(one.y, free);
      free = y + 15;
      return { ...one, y };
    });
}

const svg = (width: number, height: number, title: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(16, 24, title, "start", INK, "font-size='15' font-weight='bold'"),
    ...parts,
    "</svg>",
    "",
  ].join("\n");

const horizontal = (area: { readonly left: number; readonly right: number }, y: number, text: string): string =>
  `${line(area.left, y, area.right, y, "#eee")}${label(area.left - 8, y + 4, text, "end", MUTED)}`;

const line = (x1: number, y1: number, x2: number, y2: number, color = MUTED, more = ""): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${color}" ${more}/>`;

const label = (x: number, y: number, text: string, anchor: "start" | "middle" | "end", color = INK, more = ""): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${color}" ${more}>${escaped(text)}</text>`;

const round = (value: number): number => Number(value.toFixed(1));

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
