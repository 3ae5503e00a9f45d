/** Lines shown around a change. */
const CONTEXT = 3;

/** Beyond this many inserted and deleted lines, the rest counts as replaced: the search takes their square in time. */
const MAX_EDITS = 400;

type Edit = readonly [" " | "-" | "+", string];

/** Hunks of a unified diff between two texts; empty where they are the same lines. */
export function lineDifference(before: string, after: string): string {
  return hunksOf(editsBetween(linesOf(before), linesOf(after))).join("\n");
}

// --- internal ---

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Shared lines at both ends are set aside first: a change is mostly small. */
function editsBetween(a: readonly string[], b: readonly string[]): Edit[] {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [
    ...same(a.slice(0, head)),
    ...shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

/** A shortest script of edits, by Myers' greedy search over diagonals. */
function shortest(a: readonly string[], b: readonly string[]): Edit[] {
  const rounds: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(a.length + b.length, MAX_EDITS); edits++) {
    rounds.push(reach);
    const next = new Map(reach);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(reach, diagonal, edits);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return traced(rounds, a, b);
    }
    reach = next;
  }
  return [...a.map((line): Edit => ["-", line]), ...b.map((line): Edit => ["+", line])];
}

/** Whether the furthest path to a diagonal comes by an insertion, from the diagonal above. */
const isInsertion = (reach: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean =>
  diagonal === -edits || (diagonal !== edits && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0));

const startOf = (reach: ReadonlyMap<number, number>, diagonal: number, edits: number): number =>
  isInsertion(reach, diagonal, edits) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;

/** Walks the rounds back from the end of both texts: each ends with lines that both share, after one that only one has. */
function traced(rounds: readonly ReadonlyMap<number, number>[], a: readonly string[], b: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [a.length, b.length];
  for (const [round, reach] of [...rounds.entries()].slice(1).reverse()) {
    const isInserted = isInsertion(reach, x - y, round);
    const start = startOf(reach, x - y, round);
    edits.push(...same(a.slice(start, x)).reverse());
    [x, y] = [start, y - (x - start)];
    edits.push(isInserted ? ["+", b[--y] ?? ""] : ["-", a[--x] ?? ""]);
  }
  return [...edits, ...same(a.slice(0, x)).reverse()].reverse();
}

const same = (lines: readonly string[]): Edit[] => lines.map((line) => [" ", line]);

/** Changes with the lines around them, under the places that they have in both texts. */
function hunksOf(edits: readonly Edit[]): string[] {
  return spansOf(edits).flatMap(([from, to]) => {
    const [passed, shown] = [edits.slice(0, from), edits.slice(from, to)];
    const places = (["+", "-"] as const).map((other) => {
      const [before, inside] = [passed, shown].map((part) => part.filter(([kind]) => kind !== other).length);
      return `${(before ?? 0) + (inside === 0 ? 0 : 1)},${inside}`;
    });
    return [`@@ -${places[0]} +${places[1]} @@`, ...shown.map(([kind, line]) => `${kind}${line}`)];
  });
}

/** From and to of each group of changes that lie near each other. */
function spansOf(edits: readonly Edit[]): (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const [index, [kind]] of edits.entries()) {
    if (kind === " ") continue;
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(edits.length, index + CONTEXT + 1)];
    const last = spans.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else spans.push([from, to]);
  }
  return spans;
}
