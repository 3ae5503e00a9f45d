import type { Policy } from "../../domain/entities/policy.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import { calendarWindow } from "../../domain/values/zone.ts";
import type { DayFigures, Store } from "../../store/store.ts";
import { timeAs } from "../deps.ts";
import { pauseView } from "../pauses.ts";
import { type Part, partsBefore, usualOf } from "./usual-day.ts";
import type { OverviewView } from "./views.ts";

export interface OverviewDeps {
  readonly store: Store;
  readonly policy: Pick<Policy, "timezone">;
  /** The name of the language model, if there is one. */
  readonly modelName: string | undefined;
  /** Wall clock: the day of the budget. */
  readonly now: Instant;
  /** Figures of days before, which change no more. */
  readonly usual: UsualDays;
}

/** Keeps the figures of the last days, because a console asks every few seconds. */
export type UsualDays = Map<string, Promise<DayFigures>>;

/** How far back it counts what went wrong. */
const BACK = 7 * DAY;

/** Waiting, late and stuck work, and today against the usual day. */
export async function showOverview({ store, policy, modelName, now, usual }: OverviewDeps, at: Instant): Promise<OverviewView> {
  const { overview } = store;
  const since = at - BACK;
  const { oldestSignal, oldestTimer, dead, undeliverable, ...waiting } = await overview.backlog(at);
  const { states, oldestOpen, ...deliveries } = await overview.deliveries(since);
  const calls = await overview.calls(since);
  const approvals = await overview.approvals(at);
  const promises = await overview.promises(at);
  const day = iso(now).slice(0, 10);
  const embeddings = await store.embeddingSpending.total(day);
  return {
    ...{ at: iso(at), zone: policy.timezone, since: iso(since), dead, undeliverable },
    waiting: { ...waiting, ...timeAs("oldestSignal", oldestSignal), ...timeAs("oldestTimer", oldestTimer) },
    deliveries: {
      ...deliveries,
      states: states.map(({ of: channel, ...state }) => ({ channel, ...state })),
      ...timeAs("oldestOpen", oldestOpen),
    },
    calls: { ...calls, states: calls.states.map(({ of: tool, ...state }) => ({ tool, ...state })) },
    queues: (await overview.queues(at)).map(({ nextDue, ...queue }) => ({ ...queue, ...timeAs("nextDue", nextDue) })),
    approvals: { ...approvals, next: approvals.next && { ...approvals.next, expiresAt: iso(approvals.next.expiresAt) } },
    promises: { ...promises, next: promises.next && { ...promises.next, due: iso(promises.next.due) } },
    pauses: (await store.operations.pauses()).map(pauseView),
    model: { ...(modelName === undefined ? {} : { name: modelName }), ...(await store.spending.total(day)) },
    ...(embeddings.tokens > 0 ? { embeddings } : {}),
    ...(await days(store, policy.timezone, at, usual)),
  };
}

// --- internal ---

async function days(store: Store, zone: string, at: Instant, kept: UsualDays): Promise<Pick<OverviewView, "today" | "usual">> {
  const { start } = calendarWindow(at, 1, zone);
  const today = { ...(await store.days.figures(start, at + 1)), from: iso(start) };
  const first = await store.days.first();
  const parts = first === undefined ? [] : partsBefore(at, zone, first);
  const usual = usualOf(await figuresOf(parts, store, kept));
  return { today, ...(usual ? { usual: { ...usual, days: parts.length } } : {}) };
}

async function figuresOf(parts: readonly Part[], store: Store, kept: UsualDays): Promise<DayFigures[]> {
  const keys = parts.map(({ from, to }) => `${from} ${to}`);
  for (const key of kept.keys()) if (!keys.includes(key)) kept.delete(key);
  const figures: DayFigures[] = [];
  for (const [place, { from, to }] of parts.entries()) {
    const key = keys[place] ?? "";
    const read = kept.get(key) ?? store.days.figures(from, to);
    kept.set(key, read);
    read.catch(() => kept.delete(key));
    figures.push(await read);
  }
  return figures;
}
