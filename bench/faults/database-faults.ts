import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { OwnServers } from "./servers.ts";

/** A kind of database fault. */
export interface DatabaseFault {
  readonly name: string;
  /** Affects every database of the server, so nothing else may run concurrently. */
  readonly isExclusive?: boolean;
  /** Whether all writes fail, so a process is not ready. */
  readonly blocksAllWrites?: boolean;
  /** Creates a special database. */
  readonly database?: () => Promise<string>;
  /** Opens a connection before the fault begins. */
  connect(databaseUrl: string): Promise<pg.Client>;
  /** Injects the fault; returns a function that ends it. */
  begin(client: pg.Client, databaseUrl: string): Promise<() => Promise<void>>;
}

export interface DatabaseFaults {
  readonly kinds: readonly DatabaseFault[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  close(): Promise<void>;
}

/** All faults that this machine can inject. */
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

/** Changes a setting of a database, and terminates existing sessions, as it applies to new ones only. */
async function set(client: pg.Client, databaseUrl: string, change: string): Promise<void> {
  await client.query(`alter database ${databaseOf(databaseUrl)} ${change}`);
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
}

/** A tablespace on a small in-memory file system, which only root can mount. */
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

/** Appends to a file until the disk is full. */
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

/** Other clients occupy all connections. */
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
    // The service reconnects as soon as a connection is free, so its sessions are terminated and occupied again.
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
