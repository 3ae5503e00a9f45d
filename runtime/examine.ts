import { SentientError } from "../domain/errors.ts";
import { probeRedis } from "../queue/bullmq.ts";
import { existsStore } from "../store/embedded.ts";
import { livingOwner } from "../store/lock.ts";
import { openPostgres } from "../store/postgres.ts";

/** Something that was looked at, and what is to be done about it. */
export interface Finding {
  readonly what: string;
  readonly state: "good" | "absent" | "bad";
  readonly detail: string;
}

/** Looks at what a configuration needs from outside: what is reachable, and how to mend what is not. */
export async function examine(config: {
  dataDir: string;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
}): Promise<Finding[]> {
  return [await examineStore(config.dataDir, config.databaseUrl), await examineQueue(config.redisUrl)];
}

// --- internal ---

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
