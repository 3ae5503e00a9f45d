import type { Policy } from "../entities/policy.ts";
import { idFrom } from "../entities/wake.ts";
import { OPERATORS } from "../record/merge.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import type { StoryItem, StoryMark } from "./story-item.ts";
import type { StoryRow } from "./story-row.ts";
import { tellRow } from "./tell-row.ts";

/**
 * The story that rows tell, in their order. Rows that say the same are one item: a decision and its deliveries, a contact with its signal and
 * the audit entry of who recorded it, a consent and its signal, an outcome and its receipt; and so are silent decisions with nothing between them.
 */
export function storyOf(rows: readonly StoryRow[], policy: Policy): StoryItem[] {
  const items = new Map(rows.map((row) => [row, tellRow(row, policy)] as const));
  for (const [row, into] of repetitions(rows)) {
    const [item, kept] = [items.get(row), items.get(into)];
    if (!item || !kept) continue;
    items.set(into, joined(kept, item));
    items.delete(row);
  }
  return foldSilence([...items.values()]);
}

// --- internal ---

/** Pairs of rows that say the same: the first is told as part of the second. */
function repetitions(rows: readonly StoryRow[]): (readonly [row: StoryRow, into: StoryRow])[] {
  // Of several decisions of one ask the first one tells of it.
  const known = new Map(rows.toReversed().flatMap((row) => keysOf(row).map((key) => [key, row] as const)));
  return rows.flatMap((row) => {
    const into = sameAs(row).flatMap((key) => known.get(key) ?? [])[0];
    return into && into !== row ? [[row, into] as const] : [];
  });
}

/** By what other rows name a row. */
function keysOf({ source, id, row }: StoryRow): string[] {
  switch (source) {
    case "decisions":
      return [`decision ${row.decision_id}`, ...askOf(row)];
    case "asks":
      return [`ask ${row.source} ${row.ask_id}`];
    case "touches":
      return [`touch ${row.touch_id}`];
    case "outcomes":
      return [`outcome ${row.delivery_id} ${row.kind}`];
    case "links":
      return [`link ${row.source} ${row.signal_id}`];
    case "signals":
      return [row.type === "customer.consent" ? `consent ${row.seq}` : `signal ${id}`];
    default:
      return [`${source} ${id}`];
  }
}

/** The key of the ask that a decision has answered. */
function askOf({ record }: JsonObject): string[] {
  const wake = isObject(record) ? record.wake : undefined;
  return isObject(wake) && wake.kind === "ask" ? [`answer ${wake.source} ${wake.askId}`] : [];
}

/** The keys of rows that tell what this row says. */
function sameAs({ source, row }: StoryRow): string[] {
  if (source === "deliveries") return [`decision ${row.decision_id}`];
  if (source === "asks") return [`answer ${row.source} ${row.ask_id}`];
  if (source === "consents") return [`consent ${row.seq}`];
  if (source === "audit" && row.action === "customer.touched" && isObject(row.details))
    return [`touch ${idFrom("h", OPERATORS, String(row.details.signal))}`];
  if (source !== "signals") return [];
  const [from, id, type] = [String(row.source), String(row.signal_id), String(row.type)];
  if (type === "sentient.ask") return [`answer ${from} ${id}`, `ask ${from} ${id}`];
  if (type === "human.touch") return [`touch ${idFrom("h", from, id)}`];
  if (type === "customer.merged") return [`link ${from} ${id}`];
  const data = isObject(row.event) && isObject(row.event.data) ? row.event.data : {};
  return type.startsWith("delivery.") ? [`outcome ${data.deliveryId} ${type.slice("delivery.".length)}`] : [];
}

/** Worst first: of several deliveries of one decision, the one that a person has to see. */
const WORST: readonly StoryMark[] = ["failed", "waits", "held", "sent"];

function joined(kept: StoryItem, item: StoryItem): StoryItem {
  const refs = [...kept.refs, ...item.refs.filter(({ table, id }) => !kept.refs.some((ref) => ref.table === table && ref.id === id))];
  if (item.kind === "delivery") {
    // A decision that delivers is told by its deliveries.
    const isFirst = kept.kind === "decision";
    const [a, b] = [WORST.indexOf(kept.mark), WORST.indexOf(item.mark)];
    const shown = isFirst || b < a ? { mark: item.mark, ...(item.status === undefined ? {} : { status: item.status }) } : {};
    return { ...kept, ...shown, kind: "delivery", ...(item.text === undefined ? {} : { text: item.text }), refs };
  }
  // A decision says more of its ask than the ask.
  if (item.refs.some(({ table }) => table === "asks") || (kept.kind === "ask" && item.kind === "signal")) return { ...kept, refs };
  const { by, text, channel, department } = item;
  return { ...kept, ...defined({ by, text, channel, department }), ...defined({ by: kept.by, text: kept.text }), refs };
}

const defined = <T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

/** Silent decisions next to each other become one item: how many looks, until when, and for which reasons. */
function foldSilence(items: readonly StoryItem[]): StoryItem[] {
  const folded: StoryItem[] = [];
  for (const item of items) {
    const last = folded.at(-1);
    if (last?.mark === "silent" && item.mark === "silent") folded[folded.length - 1] = alsoSilent(last, item);
    else folded.push(item);
  }
  return folded;
}

function alsoSilent(first: StoryItem, next: StoryItem): StoryItem {
  const counts = new Map((first.reasons ?? []).map(({ code, decisions }) => [code, decisions]));
  for (const { code, decisions } of next.reasons ?? []) counts.set(code, (counts.get(code) ?? 0) + decisions);
  const held = [...(first.held ?? []), ...(next.held ?? [])];
  const firsts = held.filter((one, place) => held.findIndex(({ experienceId }) => experienceId === one.experienceId) === place);
  return {
    ...first,
    until: next.until ?? next.at,
    looks: (first.looks ?? 1) + (next.looks ?? 1),
    reasons: [...counts].map(([code, decisions]) => ({ code, decisions })),
    ...(firsts.length > 0 ? { held: firsts } : {}),
    refs: [...first.refs, ...next.refs],
  };
}
