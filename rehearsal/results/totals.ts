import { counts } from "../../domain/entities/customer.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { ByName } from "./figures.ts";

/** What a policy did on the recorded stream. */
export interface Totals {
  /** Those that were stopped, or failed, do not count. */
  readonly deliveries: number;
  readonly byExperience: ByName<number>;
  readonly byChannel: ByName<number>;
  readonly byDepartment: ByName<number>;
  /** Decisions for silence, by code: one that has several codes counts under each. */
  readonly silences: ByName<number>;
}

/** A decision, as far as totals read it. */
export type Counted = Pick<Decision, "action" | "experienceId" | "reasons"> & {
  readonly deliveries: readonly Pick<Decision["deliveries"][number], "channel" | "status">[];
};

/** Adds up decisions one by one, so that they need not be held in memory. */
export function createTotals(departmentOf: (experienceId: string) => string | undefined) {
  const [byExperience, byChannel, byDepartment, silences] = [new Counter(), new Counter(), new Counter(), new Counter()];
  let deliveries = 0;
  return {
    note({ action, experienceId = "", reasons, deliveries: made }: Counted): void {
      if (action === "silence") for (const code of new Set(reasons.map((reason) => reason.code))) silences.add(code);
      for (const { channel, status } of made) {
        if (!isMade(status)) continue;
        deliveries++;
        byExperience.add(experienceId);
        byChannel.add(channel);
        byDepartment.add(departmentOf(experienceId) ?? NO_DEPARTMENT);
      }
    },
    totals: (): Totals => ({
      deliveries,
      byExperience: byExperience.byName(),
      byChannel: byChannel.byName(),
      byDepartment: byDepartment.byName(),
      silences: silences.byName(),
    }),
  };
}

/** The department of what no department sends. */
export const NO_DEPARTMENT = "none";

/** Whether a delivery was made: a bounced one was, one that was stopped or failed was not. */
export const isMade = (status: Decision["deliveries"][number]["status"]): boolean => counts(status) || status === "bounced";

/** Counts by name. */
export class Counter {
  private readonly counts = new Map<string, number>();

  add(name: string, more = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + more);
  }

  /** Sorted by name; a name that was taken back altogether is left out. */
  byName(): ByName<number> {
    const sorted = [...this.counts].filter(([, count]) => count !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }
}
