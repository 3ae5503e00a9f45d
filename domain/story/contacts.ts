import { capStanding } from "../deciding/timing.ts";
import type { Touch } from "../entities/customer.ts";
import type { Cap } from "../entities/policy.ts";
import { DAY, formatDate, formatDuration, type Instant, iso } from "../values/time.ts";
import { localTime } from "../values/zone.ts";

/** Contacts of one day of the customer's calendar, by the department that made them; `""` where none is named. */
export interface ContactDay {
  readonly date: string;
  readonly contacts: number;
  readonly departments: Readonly<Record<string, number>>;
}

/** How a cap stands now. */
export interface CapNow {
  readonly id: string;
  readonly max: number;
  readonly used: number;
  readonly window: string;
  readonly calendar: boolean;
  readonly channel?: string;
  readonly department?: string;
  /** A cap that is used up: from when there is room again. Missing where there never is. */
  readonly roomAt?: string;
}

/** The days with contacts, in order. */
export function contactDays(touches: readonly Touch[], zone: string): ContactDay[] {
  const days = new Map<string, Map<string, number>>();
  for (const { at, department = "" } of touches) {
    const date = formatDate(localTime(at, zone));
    const day = days.get(date) ?? new Map<string, number>();
    days.set(date, day.set(department, (day.get(department) ?? 0) + 1));
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, counts]) => ({
      date,
      contacts: [...counts.values()].reduce((sum, n) => sum + n, 0),
      departments: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
}

/** Every cap with what is used of it. `touches`: those within the longest window. */
export const capsNow = (caps: readonly Cap[], touches: readonly Touch[], at: Instant, zone: string): CapNow[] =>
  caps.map((cap) => {
    const { id, max, window, calendar, channel, department } = cap;
    const { used, roomAt } = capStanding(cap, touches, at, zone);
    return {
      ...{ id, max, used, calendar, window: calendar ? (window === DAY ? "a day" : "a week") : formatDuration(window) },
      ...(channel === undefined ? {} : { channel }),
      ...(department === undefined ? {} : { department }),
      ...(roomAt === undefined ? {} : { roomAt: iso(roomAt) }),
    };
  });

/** Whether any cap has no room left. */
export const isAtCap = (caps: readonly Cap[], touches: readonly Touch[], at: Instant, zone: string): boolean =>
  caps.some((cap) => capStanding(cap, touches, at, zone).used >= cap.max);
