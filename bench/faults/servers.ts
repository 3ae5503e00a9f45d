import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import pg from "pg";
import { freePort } from "../../testing/providers/free-port.ts";

/** A PostgreSQL and a Redis for this run only, which may be broken. */
export interface OwnServers {
  readonly redisUrl: string;
  /** Creates a database and returns its URL. */
  database(name: string): Promise<string>;
  /** Crashes and restarts the server: sessions are not closed, and commits are recovered from the WAL. */
  restartPostgres(): Promise<void>;
  /** Kills and restarts the server; its data is lost. */
  restartRedis(): Promise<void>;
  flushRedis(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both on free local ports, in a temporary folder. Throws if their programs are not installed. */
export async function startOwnServers(): Promise<OwnServers> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-servers-"));
  chmodSync(dir, 0o755);
  try {
    const postgres = await startPostgres(join(dir, "pg"));
    const redis = await startRedis(dir);
    return {
      ...redis.handles,
      ...postgres.handles,
      async stop() {
        await redis.stop();
        await postgres.stop();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

// --- internal ---

const run = promisify(execFile);

/** Debian installs the programs of each version in a separate folder, outside of PATH. */
const DEBIAN = "/usr/lib/postgresql";

function postgresPrograms(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).filter((one) => existsSync(join(DEBIAN, one, "bin", "initdb"))) : [];
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error(`no PostgreSQL server under ${DEBIAN}; install the package postgresql`);
  return join(DEBIAN, String(newest), "bin");
}

const isRoot = (): boolean => userInfo().uid === 0;

/** A PostgreSQL server refuses to run as root. */
const asPostgres = (program: string, words: readonly string[]): Promise<unknown> =>
  isRoot() ? run("runuser", ["-u", "postgres", "--", program, ...words], { cwd: "/" }) : run(program, [...words], { cwd: "/" });

interface Managed<Handles> {
  readonly handles: Handles;
  stop(): Promise<void>;
}

async function startPostgres(dir: string): Promise<Managed<Pick<OwnServers, "database" | "restartPostgres">>> {
  const programs = postgresPrograms();
  const port = await freePort();
  mkdirSync(dir);
  if (isRoot()) await run("chown", ["postgres", dir]);
  await asPostgres(join(programs, "initdb"), ["-D", dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
  const control = (...words: string[]) => asPostgres(join(programs, "pg_ctl"), ["-D", dir, "-w", "-l", join(dir, "log"), ...words]);
  await control("-o", `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${dir}`, "start");
  const urlOf = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  return {
    handles: {
      async database(name) {
        const client = new pg.Client(urlOf("postgres"));
        await client.connect();
        await client.query(`create database ${name}`).finally(() => client.end());
        return urlOf(name);
      },
      restartPostgres: async () => void (await control("-m", "immediate", "restart")),
    },
    stop: async () => void (await control("-m", "immediate", "stop")),
  };
}

async function startRedis(dir: string): Promise<Managed<Pick<OwnServers, "redisUrl" | "restartRedis" | "flushRedis">>> {
  const port = await freePort();
  const redisUrl = `redis://127.0.0.1:${port}`;
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir];
  const start = async (): Promise<ChildProcess> => {
    const child = spawn("redis-server", words, { stdio: "ignore" });
    await Promise.race([answers(redisUrl), failure(child)]);
    return child;
  };
  let child = await start();
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null && child.kill("SIGKILL")) await ended;
  };
  return {
    handles: {
      redisUrl,
      async restartRedis() {
        await stop();
        child = await start();
      },
      async flushRedis() {
        const redis = new Redis(redisUrl);
        await redis.flushall().finally(() => redis.disconnect());
      },
    },
    stop,
  };
}

const failure = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once("error", (error) => reject(new Error(`redis-server cannot be started: ${error.message}`)));
    child.once("close", (code) => reject(new Error(`redis-server ended with ${code}`)));
  });

async function answers(url: string): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on("error", () => {});
  await redis.ping().finally(() => redis.disconnect());
}
