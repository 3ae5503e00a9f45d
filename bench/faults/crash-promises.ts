import { orphansIn } from "../../testing/orphans.ts";
import type { CrashOptions } from "./crash-options.ts";
import { type Deploys, timesToFollow, underVersions } from "./deploys.ts";
import type { Load } from "./load.ts";
import type { Processes } from "./processes.ts";
import { type Held, noneOf, type Round } from "./promise.ts";
import type { Provider, ReceivedSend } from "./provider.ts";
import type { Recorded } from "./record.ts";
import type { Waited } from "./waiting.ts";

/** A service after the last fault, and the observations so far. */
export interface Crashed {
  readonly options: CrashOptions;
  readonly load: Load;
  readonly faults: readonly (readonly string[])[];
  readonly landed: number;
  /** Outages of PostgreSQL. */
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  readonly recorded: Recorded;
  readonly processes: Processes;
  readonly provider: Provider;
  readonly deploys: Deploys;
  readonly waited: Waited;
  readonly jobsInWork: number;
  readonly endedAfterMs: number;
}

/** Compares the record with the acknowledged signals, and with the provider's requests. */
export async function afterCrashes(crashed: Crashed): Promise<Round> {
  const { load, faults, landed, recorded, processes, provider, waited, options } = crashed;
  const statuses = await recorded.texts("select status, count(*) from deliveries group by 1 order by 1");
  return {
    name: "crashes",
    faults: landed,
    counts: [
      ...faults,
      ["signals acknowledged", `${load.acknowledged.size} of ${options.signals}`, `${load.unanswered} requests unanswered`],
      ["decisions", String(await recorded.count("select count(*) from decisions"))],
      ["deliveries", statuses.join(", ")],
      ["requests at the provider", String([...provider.sends.values()].reduce((sum, { attempts }) => sum + attempts, 0))],
      await timesToFollow(recorded, processes.logs),
      ["starts that failed because a server was down", String(processes.failedStarts)],
      ["everything settled", `${(crashed.endedAfterMs / 1000).toFixed(0)} s after the last fault`, `${waited.stalls} standstills`],
    ],
    promises: [
      ...validity(crashed),
      ...(await appliedOnce(crashed)),
      ...(await sentOnce(crashed)),
      ...(await underVersions(recorded, crashed.deploys)),
      ...(await ended(crashed)),
    ],
  };
}

// --- internal ---

function validity({ load, landed, options }: Crashed): Held[] {
  return [
    { promise: "at least 2 faults hit while work was in flight", held: landed >= 2, detail: `${landed} of them` },
    {
      promise: "at least 9 of 10 signals were acknowledged",
      held: load.acknowledged.size >= options.signals * 0.9,
      detail: `${load.acknowledged.size} of ${options.signals}`,
    },
  ];
}

async function appliedOnce({ load, recorded }: Crashed): Promise<Held[]> {
  const kept = new Set(await recorded.texts("select id from signals"));
  const lost = [...load.acknowledged].filter((id) => !kept.has(id));
  const runs =
    "select s.id, count(r.run_id) from signals s left join runs r on r.wake->>'signalId' = s.id group by 1 having count(r.run_id) <> 1";
  const decisions =
    "select s.id, count(n.decision_id) from signals s left join decisions n on n.record->'wake'->>'signalId' = s.id group by 1 having count(n.decision_id) <> 1";
  const disorder = `select id from (
      select s.id, s.seq, lag(s.seq) over (partition by s.customer_id order by n.seq) as before
        from signals s join decisions n on n.customer_id = s.customer_id and n.record->'wake'->>'signalId' = s.id
    ) decided where before > seq`;
  return [
    noneOf("every acknowledged signal is applied", lost, `${kept.size} applied`),
    noneOf("each signal is applied exactly once", await recorded.texts(runs), `${kept.size} runs`),
    noneOf("each signal has exactly one decision", await recorded.texts(decisions), `${kept.size} decisions`),
    noneOf("no row is without its customer or its decision", await orphansIn((sql) => recorded.rows(sql)), "no orphans"),
    noneOf("a customer's signals are decided in the order of arrival", await recorded.texts(disorder), `${kept.size} in order`),
  ];
}

async function sentOnce(crashed: Crashed): Promise<Held[]> {
  const { recorded, provider } = crashed;
  const rows = await recorded.rows<Delivery>(
    "select delivery_id as id, status, reason, extract(epoch from claimed_at) * 1000 as claimed from deliveries",
  );
  const known = new Set(rows.map(({ id }) => id));
  const times = [...provider.sends].filter(([id, { attempts }]) => attempts > 1 || !known.has(id)).map(([id]) => id);
  const sent = rows.filter(({ status }) => status === "sent");
  const unconfirmed = sent.filter(({ id }) => provider.sends.get(id)?.answeredAt === undefined).map(({ id }) => id);
  const uncertain = rows.filter(({ status }) => status === "uncertain");
  const unexplained = uncertain
    .filter((one) => !wasInterrupted(one, provider.sends.get(one.id), crashed))
    .map(({ id, reason }) => `${id} ${reason}`);
  const other = rows
    .filter(({ status }) => status !== "sent" && status !== "uncertain")
    .map(({ id, status, reason }) => `${id} ${status} ${reason}`);
  return [
    noneOf("no delivery is sent twice", times, `${provider.sends.size} sent`),
    noneOf("each sent delivery was accepted by the provider", unconfirmed, `${sent.length} sent`),
    noneOf("only deliveries interrupted between claim and answer are uncertain", unexplained, `${uncertain.length} uncertain`),
    noneOf("every delivery is sent or uncertain, as its provider accepts everything", other, `${rows.length} deliveries`),
  ];
}

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly claimed: number;
}

/** The longest duration of a send, timeout included. */
const HAND_OVER_MS = 31_000;
/** An answer this shortly before a kill may not have been recorded. */
const WRITING_MS = 1_500;

/**
 * Whether a worker was killed while this delivery was in flight: after the claim, and at most shortly after the answer; longer if a
 * database outage delayed recording it.
 */
function wasInterrupted({ claimed }: Delivery, seen: ReceivedSend | undefined, { processes, outages }: Crashed): boolean {
  return processes.kills.some(({ name, at }) => {
    if (name === "server" || at < claimed || at > Number(claimed) + HAND_OVER_MS + WRITING_MS) return false;
    const answeredAt = seen?.answeredAt;
    if (answeredAt === undefined || at - answeredAt < WRITING_MS) return true;
    return outages.some(({ from, to }) => from - WRITING_MS < at && to + WRITING_MS > answeredAt);
  });
}

async function ended({ recorded, processes, waited, endedAfterMs, jobsInWork }: Crashed): Promise<Held[]> {
  const dead = await recorded.texts("select id, error->>'message' from inbox where dead_at is not null");
  return [
    {
      promise: "everything is settled within 120 s of the last fault",
      held: waited.open === 0 && endedAfterMs <= 120_000 + 45_000,
      detail: `${waited.open} open after ${(waited.ms / 1000).toFixed(0)} s`,
    },
    noneOf("no signal is a dead letter", dead, "0 dead letters"),
    noneOf("no process ended without a kill", processes.unexpectedExits, `${processes.kills.length} killed`),
    { promise: "no job is left active", held: jobsInWork === 0, detail: `${jobsInWork} jobs` },
  ];
}
