import type { StoryGhost, StoryItem, StoryReason } from "../../domain/story/story-item.ts";

// Picture A: a customer's story, all departments side by side. Time runs down; a column for the customer, one a department, one for people.

/** How a mark is drawn. Each has a sign and a word, so that none rests on colour alone. */
export const STORY_WORDS = {
  sent: "sent",
  waits: "waits",
  held: "held back",
  silent: "silent",
  failed: "failed",
  task: "task",
  outcome: "outcome",
  said: "signal",
  met: "contact",
  note: "note",
  alone: "alone",
} as const;
export type StoryMarkKind = keyof typeof STORY_WORDS;

export interface Lane {
  readonly id: string;
  readonly title: string;
}

export interface LaneMark {
  readonly key: string;
  readonly lane: string;
  readonly kind: StoryMarkKind;
  readonly at: string;
  readonly title: string;
  /** Words of the customer, of a message or a task. */
  readonly text?: string;
  /** The line below it: by whom, through what, until when. */
  readonly more: readonly string[];
  readonly until?: string;
  readonly reason?: StoryReason;
  /** The decision that it leads to. */
  readonly decision?: string;
  /** How many marks it stands for, where it stands for several. */
  readonly stands?: number;
}

/** Silent looks: a band over all lanes. */
export interface Band {
  readonly looks: number;
  readonly until?: string;
  readonly reasons: readonly { readonly code: string; readonly decisions: number }[];
  readonly decision?: string;
}

/** The marks of one time by lane, in the order of the lanes. */
export interface LaneRow {
  readonly key: string;
  readonly at: string;
  readonly band?: Band;
  readonly cells: readonly (readonly LaneMark[])[];
}

export interface StoryLanes {
  readonly lanes: readonly Lane[];
  readonly rows: readonly LaneRow[];
}

export interface Told {
  readonly items: readonly StoryItem[];
  readonly ghosts?: readonly StoryGhost[] | undefined;
  readonly departments: readonly string[];
}

/** Lays a story out. Items of the same minute stand in one row; a band begins a row of its own. */
export function layoutStory({ items, ghosts = [], departments }: Told): StoryLanes {
  const told = items.flatMap((item): readonly (LaneMark | BandAt)[] => [
    ...(item.mark === "silent" ? [bandOf(item)] : [markOf(item)]),
    ...heldOf(item),
  ]);
  const all = [...told, ...ghosts.map(ghostOf)];
  const lanes = lanesOf(
    departments,
    all.flatMap((one) => ("lane" in one ? [one.lane] : [])),
  );
  const rows: { key: string; at: string; band?: Band; marks: LaneMark[] }[] = [];
  for (const one of inOrder(all)) {
    const last = rows.at(-1);
    const isBand = !("lane" in one);
    if (!last || isBand || minuteOf(last.at) !== minuteOf(one.at)) {
      rows.push({ key: one.key, at: one.at, marks: isBand ? [] : [one], ...(isBand ? { band: one.band } : {}) });
    } else last.marks.push(one);
  }
  return {
    lanes,
    rows: rows.map(({ marks, ...row }) => ({ ...row, cells: lanes.map(({ id }) => marks.filter(({ lane }) => lane === id)) })),
  };
}

/** The keys of a picture's bands and marks in the order in which arrow keys go through them. */
export const stopsIn = (rows: readonly LaneRow[]): readonly string[] =>
  rows.flatMap(({ key, band, cells }) => [...(band ? [key] : []), ...cells.flat().map((mark) => mark.key)]);

/** The rows as they are drawn: several that one decision held back in a lane are one mark there. The table has each. */
export const folded = (rows: readonly LaneRow[]): readonly LaneRow[] => rows.map((row) => ({ ...row, cells: row.cells.map(foldedCell) }));

/** How wide each lane is, as a share: lanes with more marks get more room, within a quarter of an even share. */
export function widthsOf(rows: readonly LaneRow[], lanes: number): readonly number[] {
  const counts = Array.from({ length: lanes }, (_, lane) => rows.reduce((sum, { cells }) => sum + (cells[lane]?.length ?? 0), 0));
  const even = counts.reduce((sum, count) => sum + count, 0) / Math.max(lanes, 1);
  return counts.map((count) => (even === 0 ? 1 : Number(Math.min(1.25, Math.max(0.75, Math.sqrt(count / even))).toFixed(2))));
}

/** How many rows of a long story are in sight at first: the latest. */
const LATEST_ROWS = 20;

/** The place of the first row that is in sight: all of a short story, of one asked for, or of one whose open decision is earlier. */
export function firstInSight(
  { rows }: StoryLanes,
  { isWhole, selected }: { readonly isWhole: boolean; readonly selected?: string | undefined },
): number {
  const first = Math.max(0, rows.length - LATEST_ROWS);
  const isOf = ({ band, cells }: LaneRow): boolean =>
    band?.decision === selected || cells.some((cell) => cell.some(({ decision }) => decision === selected));
  return isWhole || (selected !== undefined && rows.slice(0, first).some(isOf)) ? 0 : first;
}

// --- internal ---

interface BandAt {
  readonly key: string;
  readonly at: string;
  readonly band: Band;
}

function foldedCell(cell: readonly LaneMark[]): readonly LaneMark[] {
  const isHeld = ({ kind }: LaneMark): boolean => kind === "held";
  const decisions = [...new Set(cell.filter(isHeld).map(({ decision }) => decision))];
  return decisions.reduce((marks: readonly LaneMark[], decision) => {
    const [first, ...others] = marks.filter((mark) => isHeld(mark) && mark.decision === decision);
    if (!first || others.length === 0) return marks;
    const names = [first, ...others].map(({ title }) => title);
    const { reason: _, ...rest } = first;
    const one = { ...rest, title: `${names.length} held back`, text: names.join(", "), stands: names.length };
    return marks.flatMap((mark) => (mark === first ? [one] : others.includes(mark) ? [] : [mark]));
  }, cell);
}

const CUSTOMER = "customer";
const PEOPLE = "people";
const ALL = "all";
const laneId = ({ lane, department }: Pick<StoryItem, "lane" | "department">): string =>
  lane === "department" && department !== undefined ? `department ${department}` : lane;

/** The customer, each department in the order of the policy, what belongs to none where there is some, people. */
function lanesOf(departments: readonly string[], used: readonly string[]): Lane[] {
  const also = used.flatMap((id) => (id.startsWith("department ") ? [id.slice("department ".length)] : []));
  const named = [...new Set([...departments, ...also])];
  return [
    { id: CUSTOMER, title: "customer" },
    ...named.map((title) => ({ id: `department ${title}`, title })),
    ...(used.includes(ALL) ? [{ id: ALL, title: "no department" }] : []),
    { id: PEOPLE, title: "people" },
  ];
}

const minuteOf = (at: string): number => Math.floor(Date.parse(at) / 60_000);

/** In order of time; of one instant in the order given. */
const inOrder = <One extends { readonly at: string }>(all: readonly One[]): One[] =>
  all
    .map((one, place) => ({ one, place }))
    .sort((a, b) => Date.parse(a.one.at) - Date.parse(b.one.at) || a.place - b.place)
    .map(({ one }) => one);

const decisionIn = ({ refs }: StoryItem): { readonly decision?: string } => {
  const found = refs.find(({ table }) => table === "decisions");
  return found === undefined ? {} : { decision: found.id };
};

const bandOf = (item: StoryItem): BandAt => ({
  key: item.id,
  at: item.at,
  band: {
    looks: item.looks ?? 1,
    reasons: item.reasons ?? [],
    ...(item.until === undefined ? {} : { until: item.until }),
    ...decisionIn(item),
  },
});

function markOf(item: StoryItem): LaneMark {
  const { id, at, mark, title, text, channel, status, by, due, reason } = item;
  const isPlain = mark === "sent" && status === "sent";
  return {
    ...{ key: id, lane: laneId(item), kind: mark, at, title },
    ...(text === undefined ? {} : { text }),
    more: [channel, isPlain || status === STORY_WORDS[mark] ? undefined : status, by].filter(
      (part): part is string => part !== undefined && part !== "",
    ),
    ...(due === undefined ? {} : { until: due }),
    ...(reason === undefined ? {} : { reason }),
    ...decisionIn(item),
  };
}

const heldOf = (item: StoryItem): LaneMark[] =>
  (item.held ?? []).map(({ experienceId, department, reason }) => ({
    ...{ key: `${item.id} ${experienceId}`, at: item.at, kind: "held", title: experienceId, more: [], reason },
    lane: department === undefined ? ALL : `department ${department}`,
    ...decisionIn(item),
  }));

const ghostOf = ({ at, experienceId, department, channel, decisionId, sentAt, reason }: StoryGhost): LaneMark => ({
  ...{ key: `alone ${decisionId} ${experienceId}`, at, kind: "alone", title: experienceId, more: [channel], decision: decisionId },
  lane: department === "" ? ALL : `department ${department}`,
  ...(sentAt === undefined ? {} : { until: sentAt }),
  ...(reason === undefined ? {} : { reason }),
});
