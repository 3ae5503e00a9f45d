import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { workCalls } from "../delivery/call-tool.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import type { CommitResult } from "../store/store.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import { createReconciler } from "./reconcile.ts";
import { createWorker } from "./worker.ts";

const policy = policyOf(
  "channels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 30d}}\ngovernance: {caps: [], consent: {box: opt_out}}",
  ["id: e\nserves: [m]\nchannels: {box: {text: Hello}}"],
);

describe.each(engines)("deliveries claimed with their commit, on $name", (engine) => {
  let place: Place;
  let opened: Runtime | undefined;
  let clock = 0;
  const now = (): number => Date.now() + clock;
  const on = (): Runtime => opened ?? expect.fail("the runtime is not open");

  beforeAll(async () => {
    place = await engine.place();
    const { databaseUrl, redisUrl } = place;
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy, live: true, now, standIn: () => {}, onWallClock: true, ...where });
  });
  beforeEach(async () => {
    clock = 0;
    await on().store.clear();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await opened?.close();
    await place.remove();
  });

  /** Decides a signal of each of two customers in one batch. */
  async function decideTwo(): Promise<void> {
    const { store, decider } = on();
    await createIngest({ inbox: store.inbox, now, channels: {}, onAccepted: () => {} }).take(
      ["c-1", "c-2"].map((subject) => ({ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type: "go", subject } })),
    );
    const free = "update lanes set until = clock_timestamp() - interval '1 second'";
    await createWorker({ store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1 }).drain();
    await store.database.pool.query(free);
  }
  /** Does something around the next commit. */
  function atNextCommit(instead: (commit: () => Promise<CommitResult>) => Promise<CommitResult>): void {
    const { store } = on();
    const { commit } = store;
    vi.spyOn(store, "commit").mockImplementationOnce((...given) => instead(() => commit(...given)));
  }
  const rows = async () =>
    (await on().store.database.pool.query("select status, attempts, claim is not null as claimed from deliveries order by customer_id"))
      .rows;
  const reconcile = async (): Promise<void> => {
    clock = 60_000;
    const { catalogue, decider } = on();
    await createReconciler({ catalogue, decider, log: silentLog }).look();
  };
  const SENT = { status: "sent", attempts: 1, claimed: true };
  const RESERVED = { status: "reserved", attempts: 0, claimed: false };

  test("they are sent without a claim of their own", async () => {
    const claim = vi.spyOn(on().store.deliveries, "claim");
    await decideTwo();
    expect(await rows()).toEqual([SENT, SENT]);
    expect(claim).not.toHaveBeenCalled();
  });

  test("a job that is lost leaves them reserved, and recovery sends them", async () => {
    vi.spyOn(on().deps.queue, "ask").mockRejectedValueOnce(new Error("the queue has lost it"));
    await decideTwo();
    expect(await rows()).toEqual([RESERVED, RESERVED]);
    await reconcile();
    expect(await rows()).toEqual([SENT, SENT]);
  });

  test("another process claims them anew at the first start of their job", async () => {
    const claim = vi.spyOn(on().store.deliveries, "claim");
    vi.spyOn(on().deps.handedOver, "take").mockReturnValue([]);
    await decideTwo();
    expect(await rows()).toEqual([SENT, SENT]);
    expect(claim).toHaveBeenCalledOnce();
  });

  test.each(["here", "in another process"])(
    "a later start of their job, %s, sends nothing of what an earlier one may be sending",
    async (where) => {
      const { deps } = on();
      if (where !== "here") vi.spyOn(deps.handedOver, "take").mockReturnValue([]);
      const said: unknown[] = [];
      vi.spyOn(deps.queue, "ask").mockImplementationOnce(async (_kind, payload) => {
        const outcomes = await workCalls((payload as { calls: Parameters<typeof workCalls>[0] }).calls, deps, { isFirst: false });
        said.push(...(await rows()));
        return { outcomes } as never;
      });
      await decideTwo();
      expect(said).toMatchObject([{ status: "sending" }, { status: "sending" }]);
      expect(await rows()).toEqual([RESERVED, RESERVED]);
    },
  );

  test("a process whose job went to one that does not know their channel claims them anew", async () => {
    vi.spyOn(on().deps.queue, "ask").mockImplementationOnce(async (_kind, payload) => {
      const { calls } = payload as { calls: Parameters<typeof workCalls>[0] };
      return { outcomes: calls.map(({ key }) => ({ key, status: "waiting", code: "unknown_here" })) } as never;
    });
    await decideTwo();
    expect(await rows()).toEqual([SENT, SENT]);
  });

  test("a commit whose answer was lost leaves them reserved", async () => {
    atNextCommit(async (commit) => {
      await commit();
      throw new Error("the connection went away");
    });
    await decideTwo();
    expect(await rows()).toEqual([RESERVED, RESERVED]);
    await reconcile();
    expect(await rows()).toEqual([SENT, SENT]);
  });

  test("a pause that a batch did not know of holds them", async () => {
    const entry = { at: now(), by: "ann", action: "paused", target: "box", details: {} };
    atNextCommit(async (commit) => {
      await on().store.operations.pause({ scope: "channel", name: "box" }, entry);
      return commit();
    });
    await decideTwo();
    expect(await rows()).toEqual([RESERVED, RESERVED]);
  });
});
