import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { OwnServers } from "./servers.ts";

/** One kind of trouble with a database. */
export interface DatabaseFault {
  readonly name: string;
  /** Meets every database of the server: nothing else may run beside it. */
  readonly isExclusive?: boolean;
  /** Whether nothing at all can be written meanwhile, so that a process is not ready. */
  readonly blocksAllWrites?: boolean;
  /** Makes the database where it has to be a special one. */
  readonly database?: () => Promise<string>;
  /** A connection that is there before it begins. */
  connect(databaseUrl: string): Promise<pg.Client>;
  /** Begins it; gives back what ends it. */
  begin(client: pg.Client, databaseUrl: string): Promise<() => Promise<void>>;
}

export interface DatabaseFaults {
  readonly kinds: readonly DatabaseFault[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  close(): Promise<void>;
}

/** Every kind that this machine can make. */
export async function createDatabaseFaults(servers: OwnServers): Promise<DatabaseFaults> {
  const small = await smallDisk(servers);
  return {
    kinds: [
      ...("why" in small ? [] : [small.kind]),
      locked("customers", "statement_timeout"),
      locked("customers", "lock_timeout"),
      locked("customers"),
      locked("tasks", "statement_timeout"),
      locked("tasks", "lock_timeout"),
      locked("tasks"),
      readOnly,
      unserializable,
      withoutConnections,
    ],
    skipped: "why" in small ? [{ name: FULL, why: small.why }] : [],
    close: async () => ("why" in small ? undefined : small.remove()),
  };
}

// --- internal ---

const run = promisify(execFile);
const FULL = "full disk";

const connect = async (databaseUrl: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: databaseUrl, options: "-c search_path=sentient" });
  client.on("error", () => {});
  await client.connect();
  return client;
};

const databaseOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1);

/** Settings of a database count for new sessions: those that are there are ended. */
async function set(client: pg.Client, databaseUrl: string, change: string): Promise<void> {
  await client.query(`alter database ${databaseOf(databaseUrl)} ${change}`);
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
}

/** A tablespace in memory with so much room. Only root may mount one. */
async function smallDisk(
  servers: OwnServers,
): Promise<{ readonly kind: DatabaseFault; remove(): Promise<void> } | { readonly why: string }> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-small-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", dir]);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    return { why: `a file system of its own cannot be mounted here: ${(error as Error).message.split("\n").at(-2) ?? ""}` };
  }
  const filler = join(dir, "filler");
  const kind: DatabaseFault = {
    name: FULL,
    blocksAllWrites: true,
    connect,
    async database() {
      const place = join(dir, "space");
      mkdirSync(place);
      await run("chown", ["postgres", place]);
      const client = await connect(await servers.database("trouble_of_the_disk"));
      await client.query(`create tablespace small location '${place}'`);
      await client.query("create database trouble_full tablespace small").finally(() => client.end());
      const url = new URL(client.host === "" ? "" : `postgres://postgres@${client.host}:${client.port}/trouble_full`);
      return url.toString();
    },
    async begin() {
      fill(filler);
      return async () => rmSync(filler);
    },
  };
  return {
    kind,
    async remove() {
      rmSync(filler, { force: true });
      await run("umount", ["-l", dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Until nothing more goes in. */
function fill(path: string): void {
  for (const size of [1024 * 1024, 8 * 1024, 512])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // No room for one of this size.
    }
}

function locked(table: string, limit?: "statement_timeout" | "lock_timeout"): DatabaseFault {
  return {
    name: `${table} locked${limit === undefined ? "" : `, ${limit}`}`,
    connect,
    async begin(client, databaseUrl) {
      if (limit !== undefined) await set(client, databaseUrl, `set ${limit} = '200ms'`);
      const holder = await connect(databaseUrl);
      await holder.query("set statement_timeout = 0; set lock_timeout = 0");
      await holder.query(`begin; lock table ${table} in access exclusive mode`);
      return async () => {
        await holder.query("commit");
        await holder.end();
        if (limit !== undefined) await set(client, databaseUrl, `reset ${limit}`);
      };
    },
  };
}

const readOnly: DatabaseFault = {
  name: "read-only",
  blocksAllWrites: true,
  connect,
  async begin(client, databaseUrl) {
    await set(client, databaseUrl, "set default_transaction_read_only = on");
    return async () => {
      await client.query("begin read write");
      await client.query(`alter database ${databaseOf(databaseUrl)} reset default_transaction_read_only`);
      await client.query("commit");
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    };
  },
};

const unserializable: DatabaseFault = {
  name: "serialization failures",
  connect,
  async begin(client) {
    await client.query(
      "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'could not serialize access' using errcode = '40001'; end $$",
    );
    for (const table of ["signals", "tasks"])
      await client.query(`create trigger refuse before insert on ${table} for each row execute function refuse()`);
    return async () => {
      for (const table of ["signals", "tasks"]) await client.query(`drop trigger refuse on ${table}`);
    };
  },
};

/** Others have taken every connection that there is. */
const withoutConnections: DatabaseFault = {
  name: "no connections",
  isExclusive: true,
  blocksAllWrites: true,
  connect,
  async begin(client, databaseUrl) {
    const others: pg.Client[] = [];
    let isOver = false;
    const takeAll = async (): Promise<void> => {
      for (;;) {
        const one = new pg.Client(databaseUrl);
        one.on("error", () => {});
        try {
          await one.connect();
        } catch {
          return;
        }
        others.push(one);
      }
    };
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await takeAll();
    // Ours come back as soon as there is room: what they have let go of is taken again.
    const taking = (async () => {
      while (!isOver) {
        await client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and not pid = any($1::int[])",
          [others.map((one) => (one as unknown as { processID: number }).processID)],
        );
        await takeAll();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    return async () => {
      isOver = true;
      await taking;
      await Promise.all(others.map((one) => one.end().catch(() => {})));
    };
  },
};
