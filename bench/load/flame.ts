import type { Profiler } from "node:inspector/promises";

type Node = Profiler.Profile["nodes"][number];

export interface FlameOptions {
  readonly title: string;
  /** The place of a function: a folder of ours, a package, `node`. Its color stands for the place. */
  readonly placeOf: (node: Node) => string;
}

/**
 * Draws a CPU profile as a flame graph in SVG: callers above what they call, each as wide as its share of the processor time, from the
 * widest to the left. What takes less than a two-hundredth is left out, and so is idle time.
 */
export function flameGraph(profile: Profiler.Profile, { title, placeOf }: FlameOptions): string {
  const root = merged(profile, placeOf);
  const bars = barsOf(root, 0, 0, root.micros);
  const rows = 1 + Math.max(0, ...bars.map(({ row }) => row));
  const places = [...widths(bars)].sort(([, a], [, b]) => b - a).map(([place]) => place);
  const height = TOP + rows * ROW + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-monospace, monospace" font-size="10">
<rect width="${WIDTH}" height="${height}" fill="#fff"/><text x="6" y="15" font-size="12">${escaped(title)}, ${(root.micros / 1_000_000).toFixed(1)} s of processor time</text>
${places.slice(0, LEGEND).map(legend).join("\n")}
${bars.map(barOf(root.micros)).join("\n")}
</svg>
`;
}

// --- internal ---

const WIDTH = 1_200;
const ROW = 14;
const TOP = 40;
/** Share of all below which a function is not drawn. */
const LEAST = 1 / 200;
/** Places that are named. */
const LEGEND = 11;
/** Width of a letter, in the units of the picture. */
const LETTER = 6.1;
/** The same in every picture, so that two can be compared; other places have one of the last colors by their name. */
const COLORS: Readonly<Record<string, string>> = {
  "(garbage collector)": "#b7b7b7",
  "(program)": "#d0d0d0",
  "built in": "#d9c29a",
  "PostgreSQL in WebAssembly": "#c5a5cf",
  node: "#f4a6a6",
  domain: "#a9d18e",
  store: "#8fd0c8",
  agents: "#ffd966",
  server: "#f4b183",
  engine: "#e3e38f",
  pg: "#9dc3e6",
};
const OTHERS = ["#a6b8f4", "#c9d7ea", "#e8c7de", "#cfe3c0", "#f1ddb8"];

const colorOf = (place: string): string =>
  COLORS[place] ?? OTHERS[[...place].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % OTHERS.length] ?? "";

interface Frame {
  readonly name: string;
  readonly place: string;
  micros: number;
  readonly calls: Map<string, Frame>;
}

interface Bar {
  readonly frame: Frame;
  readonly row: number;
  readonly x: number;
  readonly width: number;
}

/** Calls of the same function from the same place are one; times include what is called. */
function merged({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, placeOf: FlameOptions["placeOf"]): Frame {
  const self = new Map<number, number>();
  for (const [n, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[n] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root: Frame = { name: "", place: "", micros: 0, calls: new Map() };
  const add = (node: Node, into: Frame): number => {
    const { functionName, lineNumber, url } = node.callFrame;
    if (functionName === "(idle)") return 0;
    const key = `${functionName} ${url}:${lineNumber}`;
    const frame = into.calls.get(key) ?? { name: functionName || "(anonymous)", place: placeOf(node), micros: 0, calls: new Map() };
    into.calls.set(key, frame);
    const called = (node.children ?? []).map((id) => byId.get(id)).reduce((sum, child) => sum + (child ? add(child, frame) : 0), 0);
    const micros = (self.get(node.id) ?? 0) + called;
    frame.micros += micros;
    return micros;
  };
  const [first] = nodes;
  for (const id of first?.children ?? []) {
    const child = byId.get(id);
    if (child) root.micros += add(child, root);
  }
  return root;
}

function barsOf({ calls, micros }: Frame, row: number, from: number, all: number): Bar[] {
  let x = from;
  return [...calls.values()]
    .sort((a, b) => b.micros - a.micros)
    .flatMap((frame) => {
      if (frame.micros < all * LEAST || micros === 0) return [];
      const bar = { frame, row, x, width: (frame.micros / all) * WIDTH };
      x += bar.width;
      return [bar, ...barsOf(frame, row + 1, bar.x, all)];
    });
}

/** The width of each place in the functions themselves, without what they call. */
function widths(bars: readonly Bar[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { frame } of bars) {
    const called = [...frame.calls.values()].reduce((sum, { micros }) => sum + micros, 0);
    all.set(frame.place, (all.get(frame.place) ?? 0) + frame.micros - called);
  }
  return all;
}

const legend = (place: string, n: number): string =>
  `<rect x="${6 + n * 108}" y="22" width="10" height="10" fill="${colorOf(place)}"/><text x="${20 + n * 108}" y="31">${escaped(place.slice(0, 14))}</text>`;

const barOf =
  (all: number) =>
  ({ frame: { name, place, micros }, row, x, width }: Bar): string => {
    const [left, y] = [x.toFixed(1), TOP + row * ROW];
    const shown =
      width < 4 * LETTER
        ? ""
        : `<text x="${(x + 2).toFixed(1)}" y="${y + 10}">${escaped(name.slice(0, Math.floor(width / LETTER)))}</text>`;
    const told = `<title>${escaped(`${name}, ${place}: ${((micros / all) * 100).toFixed(1)} %`)}</title>`;
    return `<g>${told}<rect x="${left}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colorOf(place)}"/>${shown}</g>`;
  };

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
