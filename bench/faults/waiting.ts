import { setTimeout as pause } from "node:timers/promises";
import type { Processes } from "./processes.ts";
import type { Recorded } from "./record.ts";

export interface Waited {
  /** Items still open at the end. */
  readonly open: number;
  readonly ms: number;
  /** How often the number of open items had stopped shrinking for `STALLED_MS`. */
  readonly stalls: number;
}

/** Waits until nothing is open, at most `ms`. If the number stops shrinking, prints the state for diagnosis. */
export async function waitUntilSettled(recorded: Recorded, processes: Processes, ms: number): Promise<Waited> {
  const began = performance.now();
  let least = Number.POSITIVE_INFINITY;
  let shrankAt = began;
  let stalls = 0;
  for (;;) {
    const open = await recorded.open();
    const now = performance.now();
    if (open < least) {
      least = open;
      shrankAt = now;
    }
    if (open === 0 || now - began > ms) return { open, ms: now - began, stalls };
    if (now - shrankAt > STALLED_MS) {
      stalls++;
      shrankAt = now;
      await dump(open, recorded, processes);
    }
    await pause(250);
  }
}

// --- internal ---

const STALLED_MS = 20_000;

const STATE: Readonly<Record<string, string>> = {
  "unsettled deliveries":
    "select status, channel, count(*), min(reserved_at) as reserved, min(claimed_at) as claimed from deliveries where status in ('reserved', 'sending') group by 1, 2",
  "pending signals":
    "select type, attempts, dead_at is not null as dead, count(*), min(received_at) as since, min(error::text) as error from inbox group by 1, 2, 3",
  "current leases": "select owner, count(*), max(until) as until from lanes where until > clock_timestamp() group by 1",
  sessions:
    "select state, wait_event_type, left(query, 100) as query, count(*) from pg_stat_activity where datname = current_database() group by 1, 2, 3",
};

async function dump(open: number, recorded: Recorded, processes: Processes): Promise<void> {
  const out = (text: string): void => void process.stderr.write(`${text}\n`);
  out(`\n${open} items are open, and their number has not decreased for ${STALLED_MS / 1000} s`);
  for (const [what, sql] of Object.entries(STATE)) {
    out(`${what}:`);
    for (const row of await recorded.rows(sql)) out(`  ${JSON.stringify(row)}`);
  }
  for (const line of processes.lastLines(3)) out(`  ${line}`);
}
