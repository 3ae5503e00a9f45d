import { describe, expect, test } from "vitest";
import { NOW } from "../testing/builders.ts";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { sendReserved } from "./carry-out.ts";

const POLICY = policyOf(
  `
  learning: {explore: none}
  channels: {box: {kind: file}, other: {kind: file}, desk: {kind: human, queue: showroom}, tool: {kind: pull, hold: 1h}}
  moments: {m: {on: go, expires: 2d}, s: {on: serve, expires: 2d}}
  `,
  [
    "id: sell\ndepartment: sales\nchannels: {box: {text: Buy}, other: {text: Buy}}\n",
    "id: held\nserves: [asking]\nchannels: {tool: {content: {subject: Hi}}}\n",
    "id: help\nserves: [s]\ndepartment: service\nchannels: {desk: {summary: Help}}\ntransactional: true\n",
  ],
);

const OLGA = { by: "olga" };
const GO = ["2026-06-01T15:00:00Z", "go"] as const;

describe.each(enginesAt(process.env.DATABASE_URL))("pauses on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options);

  const pauses = () => opened.operations.pauses;
  const deps = () => ({ store: opened.runtime.store, decider: opened.runtime.decider, policy: POLICY, now: () => NOW });
  const statuses = () => opened.rows("select experience_id, channel, status, reason from deliveries order by delivery_id");

  test("of everything keep candidates back with their author, and release them when they end", async () => {
    await pauses().pause({ target: { scope: "all" } }, { ...OLGA, note: "incident" });
    const [held] = await opened.play([GO]);
    expect(held).toMatchObject({
      action: "silence",
      reasons: [{ code: "suppressed" }],
      candidates: [
        { reasons: [{ code: "suppressed", stage: "suppression", detail: "paused: everything, by olga since 2026-06-01T15:00:00Z" }, {}] },
      ],
    });
    const resumed = await pauses().resume({ target: { scope: "all" } }, OLGA);
    expect(resumed).toEqual({ changed: true, still: [], wakes: ["c-1"] });
    expect(await opened.judge(resumed)).toMatchObject([{ action: "deliver", wake: { name: "resume" }, deliveries: [{ status: "sent" }] }]);
  });

  test("of a channel do not affect others", async () => {
    await pauses().pause({ target: { scope: "channel", name: "box" } }, OLGA);
    expect(await opened.play([GO])).toMatchObject([
      { action: "deliver", channel: "other", candidates: [{ otherChannels: [{ code: "suppressed", channel: "box" }] }] },
    ]);
  });

  test("end what is held for a tool, and nothing else", async () => {
    const ask = (subject: string) => ["2026-06-01T15:00:00Z", "sentient.ask", { subject, channel: "tool" }] as const;
    await opened.play([ask("c-1"), ask("c-2")]);
    const paused = await pauses().pause({ target: { scope: "channel", name: "box" } }, OLGA);
    expect(paused.wakes).toBeUndefined();
    const { wakes } = await pauses().pause({ target: { scope: "channel", name: "tool" } }, OLGA);
    expect([wakes].flat().sort()).toEqual(["c-1", "c-2"]);
    await opened.judge({ wakes });
    expect(await opened.rows("select status, reason from deliveries")).toEqual([
      { status: "cancelled", reason: "suppressed" },
      { status: "cancelled", reason: "suppressed" },
    ]);
    expect(await opened.rows("select count(*)::int as n from timers where key like 'hold:%'")).toEqual([{ n: 0 }]);
  });

  test("of a department do not affect others, and also stop transactional messages", async () => {
    await pauses().pause({ target: { scope: "department", name: "service" } }, OLGA);
    const decisions = await opened.play([GO, ["2026-06-01T15:00:01Z", "serve"]]);
    expect(decisions.map(({ action, experienceId = "" }) => `${action} ${experienceId}`)).toEqual(["deliver sell", "silence "]);
  });

  test("apply in the transaction that sends: a reserved delivery waits, keeps its slot, and is sent when they end", async () => {
    await reserveBeforeHandOver();
    await pauses().pause({ target: { scope: "channel", name: "box" } }, OLGA);
    expect(await sendReserved(deps())).toEqual({ handedOver: 0, tooLate: 0 });
    expect(await statuses()).toMatchObject([{ channel: "box", status: "reserved" }]);
    expect(await opened.rows("select counted from touches")).toEqual([{ counted: true }]);
    await pauses().resume({ target: { scope: "channel", name: "box" } }, OLGA);
    expect(await sendReserved(deps())).toEqual({ handedOver: 1, tooLate: 0 });
    expect(await statuses()).toMatchObject([{ channel: "box", status: "sent" }]);
  });

  test("that outlast the moment cancel waiting deliveries", async () => {
    await reserveBeforeHandOver();
    await pauses().pause({ target: { scope: "department", name: "sales" } }, OLGA);
    await opened.play([], "2026-06-03T15:00:00Z");
    await pauses().resume({ target: { scope: "department", name: "sales" } }, OLGA);
    expect(await sendReserved(deps())).toEqual({ handedOver: 0, tooLate: 1 });
    expect(await statuses()).toMatchObject([{ status: "cancelled", reason: "moment_expired" }]);
    expect(await opened.rows("select counted from touches")).toEqual([{ counted: false }]);
  });

  test("do not prevent the cancellation of deliveries revoked meanwhile", async () => {
    await reserveBeforeHandOver();
    await pauses().pause({ target: { scope: "all" } }, OLGA);
    await opened.runtime.store.database.pool.query(
      "insert into consents (customer_id, channel, status, at, source, seq) values ('c-1', 'box', 'revoked', now(), 'test', 1)",
    );
    await sendReserved(deps());
    expect(await statuses()).toMatchObject([{ status: "cancelled", reason: "consent_revoked" }]);
  });

  test("are set and ended once, independently, and every change is audited", async () => {
    expect(await pauses().pause({ target: { scope: "all" } }, OLGA)).toMatchObject({ changed: true, scope: "all", by: "olga" });
    expect(await pauses().pause({ target: { scope: "all" } }, { by: "pia" })).toMatchObject({ changed: false, by: "olga" });
    await pauses().pause({ target: { scope: "channel", name: "box" } }, OLGA);
    expect(await pauses().resume({ target: { scope: "all" } }, OLGA)).toMatchObject({
      changed: true,
      still: [{ scope: "channel", name: "box" }],
    });
    expect(await pauses().resume({ target: { scope: "all" } }, OLGA)).toMatchObject({ changed: false, wakes: [] });
    expect((await opened.operations.audit.list({ limit: 9 })).map(({ action, target }) => `${action} ${target}`)).toEqual([
      "paused everything",
      "paused channel box",
      "resumed everything",
    ]);
  });

  test("of unknown targets are refused, with the known ones", async () => {
    await expect(pauses().pause({ target: { scope: "channel", name: "smoke" } }, OLGA)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "no channel smoke; there are: box, other, desk, tool",
    });
    await expect(pauses().pause({ target: { scope: "agent", name: "x" } }, OLGA)).rejects.toMatchObject({
      message: "no agent x; there are: signal-interpreter, eligibility-judge, content-generator, channel-executor, conversationalist",
    });
  });

  test.each(["signal-interpreter", "eligibility-judge", "content-generator", "channel-executor"])(
    "pause --agent: %s postpones decisions meanwhile, which are made afterwards",
    async (name) => {
      await pauses().pause({ target: { scope: "agent", name } }, OLGA);
      expect(await opened.play([GO])).toMatchObject([
        {
          action: "silence",
          candidates: [{ reasons: [{ code: "suppressed", detail: expect.stringContaining(`paused: agent ${name}, by olga`) }, {}] }],
        },
      ]);
      expect(await opened.judge(await pauses().resume({ target: { scope: "agent", name } }, OLGA))).toMatchObject([{ action: "deliver" }]);
    },
  );

  test("pause --agent: conversationalist keeps no message back", async () => {
    await pauses().pause({ target: { scope: "agent", name: "conversationalist" } }, OLGA);
    expect(await opened.play([GO])).toMatchObject([{ action: "deliver", deliveries: [{ status: "sent" }] }]);
  });

  test.each([
    ["channel-executor", 0],
    ["signal-interpreter", 1],
    ["eligibility-judge", 1],
    ["content-generator", 1],
    ["conversationalist", 1],
  ])("pause --agent: a reserved delivery with its text is sent while %s is paused: %i", async (name, handedOver) => {
    await reserveBeforeHandOver();
    await pauses().pause({ target: { scope: "agent", name } }, OLGA);
    expect(await sendReserved(deps())).toEqual({ handedOver, tooLate: 0 });
    await pauses().resume({ target: { scope: "agent", name } }, OLGA);
    await sendReserved(deps());
    expect(await statuses()).toMatchObject([{ status: "sent" }]);
  });

  /** A crash between decision and send: the slot is taken, nothing has been sent. */
  async function reserveBeforeHandOver(): Promise<void> {
    await opened.play([GO]);
    await opened.runtime.store.database.pool.query("update deliveries set status = 'reserved', settled_at = null, recorded = false");
  }
});

describe.each(enginesAt(process.env.DATABASE_URL))("a pause that the record of a decision only counts, on %s", (_engine, options) => {
  const quiet = Array.from({ length: 300 }, (_, index) => `id: quiet-${index}\ndepartment: service\n`);
  const policy = policyOf(
    `
    learning: {explore: none}
    channels: {box: {kind: file}, other: {kind: file}}
    governance: {quietHours: [{channels: [box], from: "00:00", to: "23:00"}]}
    `,
    [...quiet, "id: sell\ndepartment: sales\nchannels: {other: {text: Buy}}\n"],
  );
  const opened = useOperated(policy, options);

  test("releases its customers when it ends", async () => {
    const { pauses } = opened.operations;
    const target = { scope: "department", name: "sales" } as const;
    await pauses.pause({ target }, OLGA);
    const [held] = await opened.play([GO]);
    expect(held).toMatchObject({ action: "defer", others: [{ code: "suppressed", experiences: ["sell"] }, { code: expect.any(String) }] });
    const resumed = await pauses.resume({ target }, OLGA);
    expect(resumed.wakes).toEqual(["c-1"]);
    expect(await opened.judge(resumed)).toMatchObject([{ action: "deliver", experienceId: "sell" }]);
  });
});
