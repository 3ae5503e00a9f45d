import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU seconds so far: of these processes, of a PostgreSQL server's backends for one database and its background processes (writers,
 * checkpointer), and of a Redis server. Servers are included only if they run on this machine.
 */
export const cpuSeconds = (pids: readonly number[], place: Servers): CpuSeconds => watchCpu(pids, place)();

/** The same, of the processes that there are by now: finding them costs as much processor time as a small round. */
export function watchCpu(pids: readonly number[], { databaseUrl, redisUrl }: Servers): () => CpuSeconds {
  const processes = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid));
  const database = databaseUrl === undefined ? undefined : new URL(databaseUrl).pathname.slice(1);
  const ours = database === undefined ? [] : processes.filter((pid) => isBackend(pid) && commandOf(pid).includes(` ${database} `));
  const masters = new Set(ours.map(parentOf));
  const helpers = processes.filter(
    (pid) => isBackend(pid) && masters.has(parentOf(pid)) && /: (\w+ )?(writer|checkpointer|walwriter)/.test(commandOf(pid)),
  );
  const port = redisUrl === undefined ? undefined : new URL(redisUrl).port || "6379";
  const redis =
    port === undefined ? [] : processes.filter((pid) => commandOf(pid).startsWith("redis-server") && commandOf(pid).includes(`:${port}`));
  return () => ({ app: sum(pids.map(String)), postgres: sum([...ours, ...helpers]) + ended([...masters]), redis: sum(redis) });
}

export interface Servers {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
}

export interface CpuSeconds {
  readonly app: number;
  readonly postgres: number;
  readonly redis: number;
}

/** Resident memory of a process in megabytes. */
export const memoryOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readProc(String(pid), "status"))?.[1] ?? 0) / 1024;

// --- internal ---

const readProc = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
};

const commandOf = (pid: string): string => readProc(pid, "cmdline").replaceAll("\0", " ");
const isBackend = (pid: string): boolean => commandOf(pid).startsWith("postgres:");

/** The fields of /proc/PID/stat after the program name, which may contain spaces: state, parent, and so on. */
function statOf(pid: string): string[] {
  const stat = readProc(pid, "stat");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

const parentOf = (pid: string): string => statOf(pid)[1] ?? "";

/** CPU seconds of processes. */
const sum = (pids: readonly string[]): number => secondsIn(pids, [11, 12]);

/** CPU seconds of the children of processes that have ended: a pool closes what it does not need, and a backend's time must not go with it. */
const ended = (pids: readonly string[]): number => secondsIn(pids, [13, 14]);

/** The kernel counts in hundredths. */
const secondsIn = (pids: readonly string[], fields: readonly number[]): number =>
  pids.reduce((total, pid) => fields.reduce((of, field) => of + Number(statOf(pid)[field] ?? 0) / 100, total), 0);
