import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../runtime/open-store.ts";
import { copyCluster } from "./cluster-copy.ts";

const open = (dataDir: string) => openDatabase({ dataDir, now: Date.now, newId: () => "id" });

test("a store is copied while it is open, as it is then, for its owner alone; without room nothing is left, and the next start removes what a kill has", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sentient-copied-"));
  const copies = () => readdirSync(dir).filter((name) => name.startsWith("pg.copy-"));
  try {
    const database = await open(dir);
    const note = (name: string) => database.pool.query("insert into settings (name, value) values ($1, '1')", [name]);
    await note("before");
    const [copy] = await Promise.all([database.copy?.(), note("meanwhile")]);
    await note("after");
    expect(statSync(copy?.dataDir ?? "").mode & 0o077).toBe(0);
    const other = await open(copy?.dataDir ?? "");
    const { rows } = await other.pool.query<{ name: string }>("select name from settings where name in ('before', 'after')");
    expect(rows).toEqual([{ name: "before" }]);
    await other.pool.query("delete from settings");
    await other.close();
    await copy?.remove();
    await expect(copyCluster(database.pool, dir, join(dir, "pg"), async () => 0)).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: expect.stringMatching(/no room in .* for a copy of the store: it has \d+ MB, and of 0 MB that are free 256 MB are left/),
    });
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    await expect(copyCluster(database.pool, dir, join(dir, "pg"), () => Promise.reject(full))).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
    expect(copies()).toEqual([]);
    await note("as before");
    await database.close();
    mkdirSync(join(dir, "pg.copy-killed", "pg"), { recursive: true });
    await (await open(dir)).close();
    expect(copies()).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
