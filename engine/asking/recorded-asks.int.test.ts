import { describe, expect, test } from "vitest";
import { enginesAt, type GivenSignal, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";

const POLICY = policyOf(
  `
  timezone: UTC
  learning: {explore: none}
  channels:
    mail: {kind: smtp, url: "smtp://localhost", from: a@example.com}
    web: {kind: pull, places: [hero, banner]}
    tool: {kind: pull, like: mail, counts: true, hold: 10m}
  moments: {m: {on: go, expires: 30d}}
  governance: {caps: [{id: one, channel: mail, max: 1, window: 1d}], consent: {mail: opt_out}}
  `,
  [
    "id: welcome\nserves: [asking]\nchannels: {web: {content: {headline: Hello, variant: 1}}}\nlimits: {perCustomer: 2, window: 30d, total: 9}",
    "id: basket\nserves: [m]\nvalue: 2\nchannels: {tool: {content: {subject: Your basket}}}\nlimits: {perCustomer: 9, window: 30d, total: 2}\nsuccess: {signal: bought, within: 7d}",
  ],
);
const MARY = { id: "c-1", identities: [{ type: "email", value: "mary@example.com" }] };
const JOHN = { id: "c-2", identities: [{ type: "email", value: "john@example.com" }], traits: { email: "mary@example.com" } };

const at = (time: string): string => `2026-06-01T${time}:00Z`;
const GO: GivenSignal = [at("12:00"), "go"];
const asks = (time: string, data: GivenSignal[2] = {}): GivenSignal => [at(time), "sentient.ask", { channel: "tool", ...data }];
const web = (time: string, data: GivenSignal[2] = {}): GivenSignal => asks(time, { channel: "web", places: ["hero"], ...data });

describe.each(enginesAt(process.env.DATABASE_URL))("asks of a recorded stream on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [MARY, JOHN]);
  const deliveries = () => opened.rows("select status, reason from deliveries order by reserved_at, delivery_id");
  const idOf = async (n = 0) =>
    String((await opened.rows("select delivery_id from deliveries order by reserved_at, delivery_id"))[n]?.delivery_id);
  const used = async (id: string) => (await opened.runtime.store.totals([id])).get(id);
  const touches = () => opened.rows("select channel, counted, at from touches order by at desc");

  test("a hold is reserved until the tool confirms, and ends by itself; nothing else carries it out", async () => {
    await used("basket");
    await opened.play([GO, asks("12:01")]);
    expect(await deliveries()).toEqual([{ status: "reserved", reason: null }]);
    expect([await touches(), await used("basket")]).toEqual([[{ channel: "mail", counted: true, at: new Date(at("12:01")) }], 1]);
    // A run resumes what a crash left open, and an operator what a pause has held back.
    await opened.runtime.decider.resume(await opened.runtime.store.deliveries.open());
    await opened.play([[at("12:10"), "x"]]);
    expect(await deliveries()).toEqual([{ status: "reserved", reason: null }]);
    await opened.play([], at("12:11"));
    expect(await deliveries()).toEqual([{ status: "cancelled", reason: "hold_over" }]);
    expect([await touches(), await used("basket")]).toMatchObject([[{ counted: false }], 0]);
  });

  test("a confirmation after the end counts from then on, even past a cap and a limit in total, and the audit tells it, once", async () => {
    await used("basket");
    await opened.play([GO, asks("12:01"), asks("12:12")]);
    const data = { deliveryId: await idOf() };
    await opened.play([[at("12:13"), "delivery.sent", data], [at("12:14"), "delivery.sent", data], asks("12:15", { subject: "c-2" })]);
    expect(await deliveries()).toEqual([
      { status: "sent", reason: "delivery.sent" },
      { status: "reserved", reason: null },
    ]);
    expect(await touches()).toEqual([
      { channel: "mail", counted: true, at: new Date(at("12:13")) },
      { channel: "mail", counted: true, at: new Date(at("12:12")) },
    ]);
    expect(await used("basket")).toBe(2);
    expect(await opened.rows("select actor, action, target, customer_id from audit")).toEqual([
      { actor: "test", action: "hold.confirmed_late", target: data.deliveryId, customer_id: "c-1" },
    ]);
  });

  test("a revocation ends what is held; a merge takes it along, and its end with it", async () => {
    await opened.play([GO, asks("12:01"), [at("12:02"), "customer.consent", { channel: "mail", status: "revoked" }]]);
    expect(await deliveries()).toEqual([{ status: "cancelled", reason: "consent_revoked" }]);
    await opened.play([
      [at("12:03"), "customer.consent", { channel: "mail", status: "granted" }],
      asks("12:04"),
      [at("12:05"), "customer.merged", { into: "c-2" }],
    ]);
    expect((await deliveries())[1]).toEqual({ status: "reserved", reason: null });
    await opened.play([], at("12:14"));
    expect((await deliveries())[1]).toEqual({ status: "cancelled", reason: "hold_over" });
  });

  test("a revocation from an address ends what is held for each customer who has it; sent after that, it is confirmed late", async () => {
    const john = { subject: "c-2" };
    await opened.play([GO, [at("12:00"), "go", john], asks("12:01"), asks("12:01", john)]);
    const revoked = { subject: "c-3", channel: "mail", status: "revoked", address: "mary@example.com" };
    await opened.play([[at("12:02"), "customer.consent", revoked]]);
    const [mine = "", his = ""] = (await opened.rows("select delivery_id from deliveries order by customer_id")).map(
      (row) => `${row.delivery_id}`,
    );
    await opened.play([
      [at("12:03"), "x"],
      [at("12:03"), "delivery.sent", { ...john, deliveryId: his }],
    ]);
    expect(await opened.rows("select delivery_id, status, reason from deliveries order by customer_id")).toEqual([
      { delivery_id: mine, status: "cancelled", reason: "consent_revoked" },
      { delivery_id: his, status: "sent", reason: "delivery.sent" },
    ]);
    expect(await opened.rows("select action, target from audit")).toEqual([{ action: "hold.confirmed_late", target: his }]);
    expect((await opened.play([asks("12:04"), asks("12:04", john)])).map(({ action, reasons }) => [action, reasons[0]?.code])).toEqual([
      ["silence", "consent_revoked"],
      ["silence", "consent_revoked"],
    ]);
  });

  test("given again it is one delivery: one slot, one touch, the first's variant, locale and probability", async () => {
    await used("welcome");
    const [first, second] = await opened.play([web("12:00"), web("12:29")]);
    expect([first, second]).toMatchObject([
      { action: "deliver", probability: 1 },
      { action: "deliver", probability: 1, again: true, deliveryId: await idOf() },
    ]);
    expect([await deliveries(), await used("welcome")]).toMatchObject([[{ status: "sent" }], 1]);
    expect(await opened.play([web("12:30")])).toMatchObject([{ action: "deliver" }]);
    expect(await opened.play([web("13:01")])).toMatchObject([{ action: "defer", reasons: [{ code: "limit_reached" }] }]);
  });

  test("`create: false` creates nobody, and the ask of a customer who is known by then is decided", async () => {
    const nobody = { customer: "c-9", create: false };
    const decisions = await opened.play([
      web("12:00", nobody),
      web("12:00", { identities: [{ type: "email", value: "none@example.com" }], create: false }),
    ]);
    expect(decisions).toEqual([]);
    expect(await opened.rows("select customer_id from customers order by 1")).toEqual([{ customer_id: "c-1" }, { customer_id: "c-2" }]);
    expect(await opened.play([[at("12:01"), "x", { subject: "c-9" }], web("12:02", nobody)])).toMatchObject([
      { customerId: "c-9", action: "deliver" },
    ]);
  });

  test("two asks in the same millisecond are two decisions in their order", async () => {
    const decisions = await opened.play([web("12:00"), web("12:00", { places: ["banner"] }), web("12:00")]);
    expect(decisions).toMatchObject([{ action: "deliver" }, { action: "deliver" }, { action: "deliver", again: true }]);
    expect(await used("welcome")).toBe(2);
  });
});
