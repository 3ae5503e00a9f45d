import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../domain/values/random.ts";
import { DAY, HOUR, type Instant, iso } from "../domain/values/time.ts";
import { playFuture } from "../engine/playing/play-future.ts";
import type { Future, FutureSignal, PlayedDelivery } from "../rehearsal/future.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { tools } from "../tools/index.ts";

/** A workspace of texts by the name of the experience, with what stands in its settings beside. */
export function writeWorkspace(dir: string, settings: string, experiences: Readonly<Record<string, string>>): string {
  mkdirSync(join(dir, "experiences"), { recursive: true });
  writeFileSync(join(dir, "sentient.yaml"), settings);
  for (const [id, text] of Object.entries(experiences)) writeFileSync(join(dir, "experiences", `${id}.yaml`), `id: ${id}\n${text}`);
  return dir;
}

export interface SimulatedOptions {
  readonly customers: number;
  /** How many times each visits, once a day. */
  readonly visits: number;
  /** The true chance that a delivery succeeds, by a signal `bought`, five hours after it was sent. */
  readonly chanceOf: (delivery: PlayedDelivery) => number;
}

/**
 * Plays customers who visit under the policy of a workspace, answers with known chances, and writes what came as its recorded stream. Played
 * again, the stream is decided the same, so that its log is one of known truth.
 */
export async function writeSimulatedLog(dir: string, { customers, visits, chanceOf }: SimulatedOptions): Promise<void> {
  const { workspace } = await openWorkspace(dir, { environment: {} });
  const all: FutureSignal[] = [];
  const told = (signal: FutureSignal): FutureSignal => {
    all.push(signal);
    return signal;
  };
  const days = Array.from({ length: visits }, (_, day) =>
    Array.from({ length: customers }, (__, n) => visit(`c-${n}`, day, BEGIN + day * DAY + (n % 600) * 60_000)).sort(
      (a, b) => a.time - b.time,
    ),
  );
  const future: Future = {
    *days() {
      for (const day of days) yield day.map(told);
    },
    answersTo(delivery) {
      const { customerId, deliveryId, at } = delivery;
      const isSuccess = seededRandom(`${deliveryId}\nsuccess`)() < chanceOf(delivery);
      if (!isSuccess) return [];
      return [told({ source: "shop", id: `bought ${deliveryId}`, type: "bought", customerId, time: at + 5 * HOUR, data: {} })];
    },
  };
  const until = BEGIN + (visits + 3) * DAY;
  await playFuture(NOBODY, workspace.policy, future, {
    ...{ tools: new Map(tools.map((tool) => [tool.name, tool])), until, onCommitted: () => {} },
  });
  const lines = all
    .filter(({ time }) => time <= until)
    .toSorted((a, b) => a.time - b.time)
    .map(({ source, id, type, customerId: subject, time, data }) =>
      JSON.stringify({ specversion: "1.0", source, id, type, subject, time: iso(time), data }),
    );
  writeFileSync(join(dir, "signals.jsonl"), lines.map((line) => `${line}\n`).join(""));
}

// --- internal ---

const BEGIN: Instant = Date.UTC(2026, 0, 5, 8);

const visit = (customerId: string, day: number, time: Instant): FutureSignal => ({
  ...{ source: "shop", id: `visit ${customerId} ${day}`, type: "visited", customerId, time, data: {} },
});

const NOBODY = {
  ...{ at: BEGIN - DAY, lastSeq: 0, customers: [], links: [], totals: [], arms: [], optOuts: [], canaries: [], ledger: [], pauses: [] },
  conversations: { lines: [], handOffs: [] },
};
