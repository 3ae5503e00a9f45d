import { every, type StartTimer } from "../../concurrency/periodic.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { type Instant, SECOND } from "../../domain/values/time.ts";
import { createCanaryWatch, GUARDS, type KnownCanaries, triedIn } from "../../engine/canaries/canary-watch.ts";
import type { OutageMonitor } from "../../health/outage.ts";
import { type CanaryOperations, canaryOperations } from "../../operations/canaries/canaries.ts";
import type { VersionOperations } from "../../operations/versions/versions.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

interface Watched {
  readonly store: Store;
  readonly catalogue: { current(): { readonly policy: Policy; readonly now: () => Instant }; whyNot(): string | undefined };
  readonly canaries: KnownCanaries;
}

interface Watching {
  readonly log: Pick<Log, "warn">;
  readonly metrics: Metrics;
  readonly outages: Pick<OutageMonitor, "report">;
  /** Whether this process decides: one that only serves follows what others find. */
  readonly works: boolean;
  readonly startTimer?: StartTimer;
}

/** How often a process reads what became of canaries, and how often one that decides looks at their guards: far within a minute. */
const EVERY = { refresh: 2 * SECOND, look: 10 * SECOND };

/**
 * Follows the canaries of a service, and looks at their guards, also through an outage of the store: the next look is as good as the one that
 * failed. What people do to one holds here when their request ends, and within seconds elsewhere.
 */
export function watchCanaries(
  { store, catalogue, canaries }: Watched,
  versions: Pick<VersionOperations["versions"], "files" | "publish">,
  { log, metrics, outages, works, startTimer }: Watching,
): { readonly operations: CanaryOperations["canaries"]; close(): Promise<void> } {
  const operations = canaryOperations({ store, versions, now: () => catalogue.current().now(), policy: () => catalogue.current().policy });
  const publish = async (id: string): Promise<void> => {
    await operations.approve({ id }, { by: GUARDS });
  };
  const look = async (): Promise<void> => {
    const { policy, now } = catalogue.current();
    if (catalogue.whyNot() !== undefined || triedIn(policy).length === 0) return;
    const watch = createCanaryWatch({ store, policy, publish });
    await watch.begin(now());
    const stopped = await watch.look(now());
    for (const experienceId of stopped) {
      metrics.add("sentient_canaries_stopped_total");
      log.warn("a guard stopped a canary", { experienceId });
    }
    if (stopped.length > 0) await canaries.refresh();
  };
  metrics.gauge("sentient_canaries_running", () => {
    const tried = triedIn(catalogue.current().policy);
    return tried.filter(({ canary }) => canaries.stateOf(canary.life)?.stopped === undefined).length;
  });
  const timed = { onError: (error: unknown) => outages.report(error), ...(startTimer ? { startTimer } : {}) };
  const jobs = [every({ everyMs: EVERY.refresh, run: () => canaries.refresh(), ...timed })];
  if (works) jobs.push(every({ everyMs: EVERY.look, run: look, ...timed }));
  for (const job of jobs) job.start();
  return {
    operations: {
      ...operations,
      async stop(canary, actor) {
        const result = await operations.stop(canary, actor);
        await canaries.refresh();
        return result;
      },
    },
    async close() {
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}
