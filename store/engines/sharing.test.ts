import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Pool } from "./database.ts";
import { sharingTurns } from "./sharing.ts";

/** A pool of numbered clients, which fail for the text `fails` with an error. */
function aPool(failure: unknown = undefined) {
  const log: string[] = [];
  let clients = 0;
  const connect = async () => {
    const n = ++clients;
    return {
      async query(text: string) {
        log.push(`${n} ${text}`);
        if (text === "fails") throw failure;
        return { rows: [text], rowCount: 1 };
      },
      release: (isBroken: boolean) => void log.push(`${n} ${isBroken ? "destroyed" : "released"}`),
    };
  };
  return { pool: { connect } as unknown as Pick<Pool, "connect">, log };
}

test("statements of one turn share a connection, in their order, and those of the next have one of their own", async () => {
  const { pool, log } = aPool();
  const db = sharingTurns(pool);
  const first = db.query("a");
  // A later microtask of the same turn.
  const second = Promise.resolve().then(() => db.query("b"));
  expect([(await first).rows, (await second).rows]).toEqual([["a"], ["b"]]);
  await turn();
  await turn();
  await db.query("c");
  await turn();
  await turn();
  expect(log).toEqual(["1 a", "1 b", "1 released", "2 c", "2 released"]);
});

test("a refused statement rejects alone; after any other error the connection is not used again", async () => {
  for (const [failure, end] of [
    [Object.assign(new Error("division by zero"), { severity: "ERROR" }), "1 released"],
    [new Error("connection lost"), "1 destroyed"],
  ] as const) {
    const { pool, log } = aPool(failure);
    const db = sharingTurns(pool);
    const ended = await Promise.allSettled([db.query("fails"), db.query("b")]);
    expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    await turn();
    await turn();
    expect(log).toEqual(["1 fails", "1 b", end]);
  }
});

test("without a connection each statement is told", async () => {
  const db = sharingTurns({ connect: () => Promise.reject(new Error("unreachable")) });
  const ended = await Promise.allSettled([db.query("a"), db.query("b")]);
  expect(ended.map((one) => (one as PromiseRejectedResult).reason?.message)).toEqual(["unreachable", "unreachable"]);
  await turn();
});
