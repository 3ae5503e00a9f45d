import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import { SentientError } from "../../domain/errors.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../../runtime/create-runtime.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { runStream } from "../run-stream.ts";
import { type Changed, considerAgain, type WhatIf } from "./consider-again.ts";

const EXAMPLES = join(import.meta.dirname, "..", "..", "examples");
const NAMES = ["boutique"];

/** An example after its recorded stream, beside an empty store that each question clears. */
async function play(name: string) {
  const dir = join(EXAMPLES, name);
  const { workspace, tools, channels } = await openWorkspace(dir, { environment: { SHOP_SECRET: "x".repeat(32) } });
  const { policy } = workspace;
  const open = (): Promise<Runtime> => createRuntime({ policy, tools, channels, live: false, now: Date.now });
  const [source, place] = [await open(), await open()];
  const decisions: Decision[] = [];
  await runStream(readSignalLines(openSignals(join(dir, "signals.jsonl"), process.stdin)), {
    ...{ store: source.store, decider: source.decider },
    beforeFirst: async (at) => void (await importCustomers(readCustomers(join(dir, "customers.jsonl")).lines, at, source.store, policy)),
    onDecision: (decision) => void decisions.push(decision),
  });
  const deps = {
    source: source.store,
    policyOf: async (version: string) => (version === policy.version ? policy : undefined),
    open: async () => {
      await place.store.clear();
      return { store: place.store, deps: place.deps, close: async () => {} };
    },
  };
  return {
    decisions,
    policy,
    source,
    ask: (decision: Decision, changed: Changed = {}): Promise<WhatIf> => considerAgain(decision, changed, deps),
    close: () => Promise.all([source.close(), place.close()]),
  };
}

/** Each question plays a customer's signals again. */
const MOST = 4;

const rowsOf = async ({ store }: Runtime): Promise<unknown> => {
  const { rows } = await store.database.pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = current_schema() order by 1",
  );
  return Promise.all(
    rows.map(async ({ name }) => [
      name,
      (await store.database.pool.query(`select md5(string_agg(t::text, ',' order by t::text)) as sum from "${name}" t`)).rows,
    ]),
  );
};

/** The first decision of each kind: of each action and wake. */
const oneOfEachKind = (decisions: readonly Decision[]): Decision[] => [
  ...new Map([...decisions].reverse().map((one) => [JSON.stringify([one.action, one.wake.kind]), one])).values(),
];

describe.each(NAMES)("the decisions of %s", (name) => {
  let played: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    played = await play(name);
  });
  afterAll(() => played.close());

  test("come out the same where nothing is changed, and nothing is written", async () => {
    const before = await rowsOf(played.source);
    const outcomes: unknown[] = [];
    for (const decision of oneOfEachKind(played.decisions).slice(0, MOST)) {
      const { decidedAt, action, customerId } = decision;
      const told = await played.ask(decision).then(
        ({ same }) => same,
        (error: unknown) => (error instanceof SentientError ? `${error.details.reason}: ${error.message}` : String(error)),
      );
      outcomes.push([customerId, decidedAt, action, told]);
    }
    expect(outcomes.filter((one) => (one as unknown[])[3] !== true)).toEqual([]);
    expect(await rowsOf(played.source)).toEqual(before);
  });
});
