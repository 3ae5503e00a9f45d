import type { Touch } from "../entities/customer.ts";
import type { ReasonCode } from "../entities/decision.ts";
import type { Cap, QuietHours } from "../entities/policy.ts";
import type { Criterion, Need, Scope } from "../values/condition.ts";
import { DAY, formatDuration, formatTimeOfDay, type Instant } from "../values/time.ts";
import { calendarWindow, localTime, nextTimeOfDay, type Zoned } from "../values/zone.ts";

/** A reason to hold a message now. Without `retryAt`, time alone does not resolve it. */
export interface Hold {
  readonly code: ReasonCode;
  readonly detail: string;
  readonly retryAt?: Instant;
  /** Of a condition: what would change it, in words. A function, because only recorded holds need it. */
  readonly unmet?: () => Unmet;
}

/** The author's reason of a condition, and the changes that would lift the hold; `needs` is missing where they have no words. */
export interface Unmet {
  readonly headline?: string;
  readonly needs?: readonly Need[];
}

/** Of a condition that is not `wanted`. */
export function unmetOf({ when, reason }: Criterion, scope: Scope, wanted: boolean, detail: string): Unmet {
  const needs = when.needs(scope, wanted);
  const headline = reason ?? "";
  return needs ? { ...(headline === detail ? {} : { headline }), needs } : {};
}

export const isTimed = (hold: Hold): hold is Hold & { retryAt: Instant } => hold.retryAt !== undefined;

/** Channel and audience of a message. */
export interface Slot {
  readonly channel: string;
  readonly department?: string | undefined;
}

/** The caps without room for one more touch at `at`. */
export function heldByCaps(caps: readonly Cap[], touches: readonly Touch[], slot: Slot, at: Instant, zone: string): Hold[] {
  const holds: Hold[] = [];
  for (const cap of caps) {
    const isOfSlot = (cap.channel ?? slot.channel) === slot.channel && (cap.department ?? slot.department) === slot.department;
    const hold = isOfSlot ? heldByCap(cap, touches, at, zone) : undefined;
    if (hold) holds.push(hold);
  }
  return holds;
}

/** How much of a cap is used at an instant, and from when a cap that is used up has room again; never, for one of 0. */
export interface CapStanding {
  readonly used: number;
  readonly roomAt?: Instant;
}

export function capStanding(cap: Cap, touches: readonly Touch[], at: Instant, zone: string): CapStanding {
  const { calendar, max, window } = cap;
  const days = calendar ? calendarWindow(at, window === DAY ? 1 : 7, zone) : undefined;
  const isCounted = (touch: Touch): boolean =>
    (days ? touch.at >= days.start && touch.at < days.end : at - touch.at < window) && isOf(cap, touch);
  let used = 0;
  for (const touch of touches) if (isCounted(touch)) used++;
  if (used < max || max === 0) return { used };
  const times = touches.filter(isCounted).map((touch) => touch.at);
  const free = days ? days.end : roomAt(times, max, window);
  return free === undefined ? { used } : { used, roomAt: free };
}

/** The quiet hours of a channel that contain `at`, in the customer's zone. */
export function heldByQuietHours(quiet: readonly QuietHours[], channel: string, at: Instant, zoned: Zoned): Hold[] {
  if (quiet.length === 0) return [];
  const { zone } = zoned;
  const { hour, minute } = localTime(at, zone);
  const time = hour * 60 + minute;
  const holds: Hold[] = [];
  for (const { channels, from, to } of quiet) {
    const isWithin = from < to ? time >= from && time < to : time >= from || time < to;
    if (!isWithin || !(channels?.includes(channel) ?? true)) continue;
    const detail = `${formatTimeOfDay(from)}-${formatTimeOfDay(to)} ${zone}${zoneNote(zoned)}`;
    holds.push({ code: "quiet_hours", detail, retryAt: nextTimeOfDay(at + 1, to, zone) });
  }
  return holds;
}

/** Note in brackets where a zone other than the customer's own is used; empty otherwise. */
export function zoneNote({ zoneIsOwn, unknownZone }: Zoned): string {
  if (zoneIsOwn) return "";
  return unknownZone === undefined
    ? " (the workspace's zone: the customer has none)"
    : ` (time zone ${JSON.stringify(unknownZone)} is unknown; the workspace's is used)`;
}

export interface Limits {
  readonly perCustomer?: number;
  /** Milliseconds; without it, `perCustomer` counts for ever. */
  readonly window?: number;
  readonly total?: number;
}

/**
 * Limits on uses of an experience, per customer and in total.
 *
 * @param used times of the customer's deliveries, in any order
 * @param before how many others there were, before any window
 */
export function heldByLimits(limits: Limits, used: readonly Instant[], usedInTotal: number, at: Instant, before = 0): Hold[] {
  const { total } = limits;
  const holds = heldPerCustomer(limits, used, at, before);
  return total !== undefined && usedInTotal >= total ? [...holds, { code: "limit_reached", detail: `${total} in total, all used` }] : holds;
}

/**
 * The first instant from `now` on without any timed hold. `holdsAt` gives the holds at an instant. Undefined where a hold without an
 * end remains, or where no such instant exists within the bound.
 */
export function firstFree(now: Instant, holdsAt: (at: Instant) => readonly Hold[]): Instant | undefined {
  let at = now;
  // Each step passes at least one window; more than this many in a row means that the rules never leave a gap.
  for (let step = 0; step < 200; step++) {
    const holds = holdsAt(at);
    if (holds.length === 0) return at;
    if (!holds.every(isTimed)) return undefined;
    at = Math.max(at + 1, ...holds.map((hold) => hold.retryAt));
  }
  return undefined;
}

// --- internal ---

function heldPerCustomer({ perCustomer, window }: Limits, used: readonly Instant[], at: Instant, before: number): Hold[] {
  if (perCustomer === undefined) return [];
  const inWindow = used.filter((one) => window === undefined || at - one < window);
  const count = inWindow.length + (window === undefined ? before : 0);
  if (count < perCustomer) return [];
  const retryAt = window === undefined ? undefined : roomAt(inWindow, perCustomer, window);
  const detail = `${perCustomer} per customer${window === undefined ? "" : ` in ${formatDuration(window)}`}, ${count} used`;
  return [{ code: "limit_reached", detail, ...(retryAt === undefined ? {} : { retryAt }) }];
}

const isOf = ({ channel, department }: Cap, touch: Touch): boolean =>
  (channel === undefined || touch.channel === channel) && (department === undefined || touch.department === department);

function heldByCap(cap: Cap, touches: readonly Touch[], at: Instant, zone: string): Hold | undefined {
  const { used, roomAt: retryAt } = capStanding(cap, touches, at, zone);
  if (used < cap.max) return undefined;
  const where = [cap.channel, cap.department].filter((part) => part !== undefined).join(", ");
  const what = `${cap.id}: ${cap.max} in ${formatDuration(cap.window)}${where === "" ? "" : ` (${where})`}`;
  const detail = cap.calendar ? `${what} by the calendar, ${used} used` : `${what}, ${used} used`;
  return { code: "cap_reached", detail, ...(retryAt === undefined ? {} : { retryAt }) };
}

/** The time at which a rolling window has room again: when fewer than `max` times are left in it. */
function roomAt(times: readonly Instant[], max: number, window: number): Instant | undefined {
  if (max === 0) return undefined;
  const oldestFirst = [...times].sort((a, b) => a - b);
  const leaving = oldestFirst[oldestFirst.length - max];
  return leaving === undefined ? undefined : leaving + window;
}

/** Parses `HH:MM` to minutes after midnight; undefined when it is not a time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}
