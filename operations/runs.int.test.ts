import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  governance: {caps: [{id: weekly, max: 1, window: 7d}]}
  moments: {m: {on: go, expires: 2d}}
  `,
  ["limits: {perCustomer: 1, window: 30d}"],
);

const OLGA = { by: "olga" };
const GO = ["2026-06-01T15:00:00Z", "go"] as const;

describe.each(enginesAt(process.env.DATABASE_URL))("a run that is retried on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options);

  /** A run whose delivery ended in a given provider outcome. */
  const aRun = async (status: string, reason: string | null = null): Promise<string> => {
    const [decision] = await opened.play([GO]);
    const { pool } = opened.runtime.store.database;
    await pool.query("update deliveries set status = $1, reason = $2, settled_at = case when $3 then null else settled_at end", [
      status,
      reason,
      ["reserved", "sending"].includes(status),
    ]);
    await pool.query("update touches set counted = $1", [!["failed", "bounced", "cancelled"].includes(status)]);
    return decision?.runId ?? "";
  };
  const retry = (id: string, force = false) => opened.operations.runs.retry({ id, force }, OLGA);
  const statuses = async () => (await opened.rows("select status from deliveries order by reserved_at")).map(({ status }) => status);

  test("is judged again under current conditions, in a new decision and delivery", async () => {
    const id = await aRun("failed", "UPSTREAM_FAILED: 503");
    const retried = await retry(id);
    expect(retried).toMatchObject({ changed: true, moments: ["m"], wakes: "c-1", deliveries: [{ status: "failed" }] });
    expect(await opened.judge(retried)).toMatchObject([
      { action: "deliver", wake: { name: "operator" }, deliveries: [{ status: "sent" }] },
    ]);
    expect(await statuses()).toEqual(["failed", "sent"]);
    expect(await opened.operations.audit.list({ limit: 9 })).toMatchObject([
      { action: "run.retried", target: id, by: "olga", customerId: "c-1" },
    ]);
  });

  test("sends nothing if a cap, a limit or consent now prevents it", async () => {
    const id = await aRun("failed");
    await opened.play([["2026-06-01T16:00:00Z", "human.touch", { kind: "call" }]]);
    expect(await opened.judge(await retry(id))).toMatchObject([{ action: "silence", reasons: [{ code: "cap_reached" }] }]);
    expect(await statuses()).toEqual(["failed"]);
  });

  test("twice is retried once", async () => {
    const id = await aRun("failed");
    await retry(id);
    await expect(retry(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("open again or were served since"),
    });
    await opened.judge({ wakes: "c-1" });
    await expect(retry(id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await statuses()).toEqual(["failed", "sent"]);
  });

  test("is refused if it is uncertain whether the message was sent, with the reason; by force it counts as not sent", async () => {
    const id = await aRun("uncertain");
    await expect(retry(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("it is unknown whether delivery m_"),
    });
    expect(await statuses()).toEqual(["uncertain"]);
    const retried = await retry(id, true);
    expect(retried).toMatchObject({ changed: true, deliveries: [{ status: "failed", reason: "declared not sent by olga" }] });
    expect(await opened.judge(retried)).toMatchObject([{ action: "deliver" }]);
  });

  test("is refused if it is uncertain whether its action was done", async () => {
    const id = await aRun("failed", "action uncertain: TOOL_TIMED_OUT");
    await opened.runtime.store.database.pool.query(
      `insert into tool_calls (call_key, tool, customer_id, run_id, input, status, created_at) values ('k', 'http_request', 'c-1', $1, '{}', 'uncertain', now())`,
      [id],
    );
    await expect(retry(id)).rejects.toMatchObject({
      message: expect.stringContaining("it is unknown whether http_request took effect"),
    });
    expect(await retry(id, true)).toMatchObject({ changed: true });
  });

  test.each([
    ["cancelled", "is no failure and is never retried"],
    ["bounced", "the address is undeliverable"],
    ["sent", "is sent"],
    ["reserved", "goes out by itself"],
    ["sending", "is being sent at this moment"],
  ])("whose delivery is %s is refused, also by force", async (status, why) => {
    const id = await aRun(status);
    await expect(retry(id)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining(why) });
    await expect(retry(id, true)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining(why) });
    expect(await statuses()).toEqual([status]);
  });

  test("is too late once its moment is over", async () => {
    const id = await aRun("failed");
    await opened.play([], "2026-06-03T15:00:00Z");
    await expect(retry(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("expired at 2026-06-03T15:00:00Z"),
    });
  });

  test("that is unknown, or delivered nothing, is reported so", async () => {
    await expect(retry("r_nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await opened.play([["2026-06-01T15:00:00Z", "nothing.happens"]]);
    const [run] = await opened.runtime.store.read.runs({ limit: 1 });
    await expect(retry(run?.runId ?? "")).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("delivered nothing"),
    });
  });
});
