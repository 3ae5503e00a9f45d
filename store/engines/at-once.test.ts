import { expect, test } from "vitest";
import { atOnce, type Pool, type Statement } from "./database.ts";

const STATEMENTS: readonly Statement[] = [
  ["first", [1]],
  ["second", [2]],
];

/** A pool whose client answers only when told to, and fails for the texts that are given. */
function aPool(failing: Readonly<Record<string, string>> = {}) {
  const sent: string[] = [];
  const released: unknown[] = [];
  let answer: () => void = () => {};
  const told = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const client = {
    async query(text: string) {
      sent.push(text);
      await told;
      if (failing[text] !== undefined) throw new Error(failing[text]);
      return { rows: [text], rowCount: 1 };
    },
    release: (broken: unknown) => released.push(broken),
  };
  return { pool: { connect: async () => client } as unknown as Pool, sent, released, answer };
}

test("all statements of a transaction are sent before the first is answered", async () => {
  const { pool, sent, released, answer } = aPool();
  const written = atOnce(pool, STATEMENTS, { flush: false });
  await Promise.resolve();
  await Promise.resolve();
  expect(sent).toEqual(["begin; set local synchronous_commit = off", "first", "second", "commit"]);
  answer();
  expect((await written).rows).toEqual(["second"]);
  expect(released).toEqual([false]);
});

test("it rejects with the first failure, not with what follows from it, and keeps the connection", async () => {
  const { pool, released, answer } = aPool({ first: "division by zero", second: "current transaction is aborted" });
  answer();
  await expect(atOnce(pool, STATEMENTS)).rejects.toThrow("division by zero");
  expect(released).toEqual([false]);
});

test("a connection whose commit fails is not used again", async () => {
  const { pool, released, answer } = aPool({ commit: "connection lost" });
  answer();
  await expect(atOnce(pool, STATEMENTS)).rejects.toThrow("connection lost");
  expect(released).toEqual([true]);
});
