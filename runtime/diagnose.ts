import { statfsSync } from "node:fs";
import type { ModelConfig } from "../config/config.ts";
import { MODEL_FAILURES } from "../domain/entities/model-answer.ts";
import { SentientError } from "../domain/errors.ts";
import { iso, SECOND } from "../domain/values/time.ts";
import { createMemoryLedger } from "../models/budget.ts";
import { probeRedis } from "../queue/bullmq.ts";
import type { Database } from "../store/engines/database.ts";
import { existsStore } from "../store/engines/embedded.ts";
import { livingOwner } from "../store/engines/lock.ts";
import { openPostgres } from "../store/engines/postgres.ts";
import { sharedIdentities } from "../store/inbox/identities.ts";
import { estimateInWords, type UpgradeEstimate } from "../store/migrations/estimate.ts";
import { createProcesses } from "../store/processes.ts";
import { createVersionRecords, type Publication } from "../store/versions.ts";
import { type ModelSettings, planModel } from "./connect-model.ts";
import { openAsItIs, upgradeOf } from "./open-store.ts";

/** The result of one check, with the fix. */
export interface Finding {
  readonly what: string;
  readonly state: "good" | "absent" | "bad";
  readonly detail: string;
}

/** Checks that the external dependencies of a configuration are reachable, with a fix for each failure. */
export async function diagnose(config: {
  dataDir: string;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  /** `policyVersion` of the workspace folder, to be compared with the version in force. */
  folder?: string | undefined;
}): Promise<Finding[]> {
  return [
    await examineStore(config.dataDir, config.databaseUrl),
    ...(await whereReadable(config, (database) => upgradeIn(database, config))),
    ...(await whereReadable(config, (database) => identitiesIn(database))),
    ...(await whereReadable(config, (database) => versionsIn(database, config.folder))),
    await examineQueue(config.redisUrl),
  ];
}

/** Probes the capabilities of a workspace's language model with small calls; takes up to EXAMINE_MS. */
export async function examineModel(settings: ModelSettings | undefined, config: ModelConfig): Promise<Finding> {
  const what = "model";
  const plan = planModel(settings, config);
  if ("missing" in plan) return { what, state: "absent", detail: plan.missing };
  const { prober } = await plan.connect(createMemoryLedger());
  // Some endpoints take a key in the URL.
  const { origin, pathname } = new URL(plan.baseUrl);
  const where = `${plan.name} at ${origin}${pathname}`;
  const { dialect, formats, streams, countsTokens } = await prober.examine(AbortSignal.timeout(EXAMINE_MS));
  const ways = Object.entries(formats).map(([format, came]) => `${format} ${came === "works" ? came : `does not (${came})`}`);
  if (!dialect) {
    const [first = "timed_out"] = Object.values(formats).filter((came) => came !== "works");
    return { what, state: "bad", detail: `${where}: ${MODEL_FAILURES[first]} (${ways.join(", ")}); rules and statistics decide meanwhile` };
  }
  const others = `streaming ${streams ? "works" : "does not"}, tokens are ${countsTokens ? "counted" : "not counted: the most they can be is assumed"}`;
  return { what, state: "good", detail: `${where} is asked by ${dialect.format} (${ways.join(", ")}; ${others})` };
}

/** Where a store is. */
export interface StorePlace {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
}

/** What a store shows; nothing if it cannot be read, as one that a process owns. */
export async function whereReadable<T>(
  { dataDir, databaseUrl }: StorePlace,
  look: (database: Database) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  if (databaseUrl === undefined && (livingOwner(dataDir) || !existsStore(dataDir))) return [];
  try {
    const database = await openAsItIs(databaseUrl === undefined ? { dataDir } : { databaseUrl });
    return await look(database).finally(() => database.close());
  } catch {
    return [];
  }
}

// --- internal ---

const EXAMINE_MS = 60 * SECOND;

async function examineStore(dataDir: string, databaseUrl: string | undefined): Promise<Finding> {
  const what = "store";
  if (databaseUrl === undefined) {
    const owner = livingOwner(dataDir);
    if (owner)
      return {
        what,
        state: "good",
        detail: `embedded in ${dataDir}, owned by process ${owner.pid}${owner.url === undefined ? "" : ` at ${owner.url}`}`,
      };
    const state = existsStore(dataDir) ? `embedded in ${dataDir}` : `embedded, made in ${dataDir} when needed`;
    return { what, state: "good", detail: `${state} (DATABASE_URL is not set). Survives the death of its process, not a power loss.` };
  }
  try {
    const database = await openPostgres({ url: databaseUrl });
    const { place } = database;
    await database.close();
    return { what, state: "good", detail: place };
  } catch (error) {
    return { what, state: "bad", detail: messageOf(error) };
  }
}

const TOLD_AT_MOST = 5;

/** What the next opening of the store upgrades first: how long it takes and which disk it needs; empty where there is nothing to do. */
async function upgradeIn(database: Database, { dataDir }: { readonly dataDir: string }): Promise<Finding[]> {
  const upgrade = await upgradeOf(database);
  if (!upgrade || upgrade.steps + upgrade.later === 0) return [];
  const free = database.kind === "embedded" ? freeBytes(dataDir) : undefined;
  return [findingOnUpgrade(upgrade, free)];
}

/** @param free bytes of disk that are free, where they are known */
export function findingOnUpgrade(upgrade: UpgradeEstimate, free?: number): Finding {
  const { from, to, steps, later, bytes, alone } = upgrade;
  const waits = later === 1 ? "1 step waits" : `${later} steps wait`;
  const waiting =
    later > 0
      ? [`${waits} until no process of the version before runs: the version after this one does ${later === 1 ? "it" : "them"}`]
      : [];
  if (steps === 0) return { what: "upgrade", state: "good", detail: waiting.join() };
  const { time, disk } = estimateInWords(upgrade);
  const isShort = free !== undefined && free < bytes;
  const detail = [
    `from migration ${from} to ${to} in ${steps} ${steps === 1 ? "step" : "steps"}: ${time}, and ${disk} of disk${isShort ? `, of which ${estimateInWords({ ...upgrade, bytes: free }).disk} is free` : ""}`,
    "the next process that opens the store does it; cut off, it goes on where it ended",
    ...alone.map(
      (one) => `nobody else reads or writes ${one.table} meanwhile (migration ${one.migration}, ${estimateInWords(one).time}): ${one.why}`,
    ),
    ...waiting,
  ].join("; ");
  return { what: "upgrade", state: isShort ? "bad" : "absent", detail };
}

const freeBytes = (dir: string): number => {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
};

/** Identities claimed by more than one customer; empty if there are none. */
async function identitiesIn({ pool }: Database): Promise<Finding[]> {
  const { count, first } = await sharedIdentities(pool, TOLD_AT_MOST);
  if (count === 0) return [];
  const some = first.map(({ customerId, type }) => `${customerId} (${type})`).join(", ");
  const shared = count === 1 ? "1 identity belongs to another customer" : `${count} identities belong to another customer`;
  const detail = `${shared} than the one sent with it, and ${count === 1 ? "is" : "are"} kept there as an address: ${some}${count > first.length ? ", …" : ""}; npx sentient customers merge makes two ids one person`;
  return [{ what: "identities", state: "absent", detail }];
}

/** The version in force, whether the folder is another one, and who decides by another; empty while nothing was published. */
async function versionsIn({ pool }: Database, folder: string | undefined): Promise<Finding[]> {
  const versions = createVersionRecords(pool);
  const inForce = await versions.inForce();
  const last = inForce === undefined ? undefined : await versions.lastOf(inForce);
  return last ? [findingOnVersion(last, folder, await createProcesses(pool).versions())] : [];
}

/** What is to be said of the version in force. */
export function findingOnVersion(
  last: Pick<Publication, "policyVersion" | "at" | "by">,
  folder: string | undefined,
  processes: readonly { readonly policyVersion: string; readonly count: number }[],
): Finding {
  const short = (version: string): string => version.slice(0, 12);
  const inForce = short(last.policyVersion);
  const others = processes.filter(({ policyVersion }) => policyVersion !== last.policyVersion);
  const isOther = folder !== undefined && folder !== last.policyVersion;
  const warnings = [
    ...(isOther ? [`the folder is ${short(folder)}, which differs: npx sentient publish puts the folder in force`] : []),
    ...others.map(
      ({ policyVersion, count }) => `${count === 1 ? "1 worker decides" : `${count} workers decide`} by ${short(policyVersion)}`,
    ),
  ];
  const detail = [`${inForce} since ${iso(last.at)}, by ${last.by}`, ...warnings].join("; ");
  return { what: "version in force", state: warnings.length > 0 ? "absent" : "good", detail };
}

async function examineQueue(redisUrl: string | undefined): Promise<Finding> {
  const what = "queue";
  if (redisUrl === undefined) return { what, state: "good", detail: "in the store's PostgreSQL (REDIS_URL is not set)" };
  try {
    const { version, policy } = await probeRedis(redisUrl);
    if (policy !== undefined && policy !== "noeviction") {
      return {
        what,
        state: "bad",
        detail: `Redis ${version} drops keys when memory is short (maxmemory-policy ${policy}); set it to noeviction`,
      };
    }
    return {
      what,
      state: "good",
      detail: `Redis ${version}${policy === undefined ? " (its eviction policy cannot be read; it must be noeviction)" : ""}`,
    };
  } catch (error) {
    return { what, state: "bad", detail: messageOf(error) };
  }
}

const messageOf = (error: unknown): string => (error instanceof SentientError || error instanceof Error ? error.message : String(error));
