import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { createPreviews } from "./previews.ts";
import { DeliveryView, JudgementView, OneExperienceView, PolicyView, SignalView, WhyView } from "./views.ts";

const policy = policyOf(
  `
moments: {m: {on: go, when: customer.year <= 2024, expires: 10d}, urgent: {on: alarm, expires: 5d}}
promises: {reply: {due: 24h, owner: service, whileOpen: {suppress: [marketing]}}}
channels: {email: {kind: smtp, url: "smtp://user:\${SECRET}@localhost", from: "Shop <a@shop.example>"}, box: {kind: file}}
governance:
  caps: [{id: weekly, max: 1, window: 7d}]
  consent: {email: opt_out}
  quietHours: [{channels: [box], from: "21:00", to: "08:00"}]
  suppress: [{after: {signal: complaint}, for: 30d, reason: a complaint}, {when: 'has(customer.left)', departments: [marketing]}]
learning: {explore: none}`,
  [
    `
id: discount
name: Save now
department: marketing
serves: [m]
value: 100
suitability: [{when: "customer.year > 2000", reason: not a classic}]
limits: {perCustomer: 2, window: 30d, total: 50}
success: {signal: bought, when: signal.data.kind == "car", within: 30d}
channels:
  email:
    subject: "Hi {{ customer.firstName }}"
    body: "<p>Save at <a href='https://shop.example/\${TOKEN}'>our shop</a></p>"
    variants: {short: {locales: {de: {subject: Hallo}}}}
  box: {text: "Save {{ customer.year }}"}`,
    "id: help\ndepartment: service\nserves: [urgent]\nvalue: 900\nchannels: {box: {text: Help}}",
    "id: draft\nstatus: draft\nserves: [m]\nchannels: {box: {text: Later}}",
  ],
  { environment: { SECRET: "hunter2hunter2", TOKEN: "tok-1" } },
);

const CUSTOMERS = [{ id: "c-1", traits: { year: 2020, firstName: "Dana" }, identities: [{ type: "email", value: "dana@example.com" }] }];
const WEEK = { from: "2026-06-01T00:00:00Z", to: "2026-06-08T00:00:00Z" };

describe.each(enginesAt(process.env.DATABASE_URL))("why on %s", (_name, engine) => {
  const store = useOperated(policy, engine, CUSTOMERS);
  const ask = (experience: string, window: { from?: string; to?: string } = WEEK, customer = "c-1") =>
    store.lookUps.why.show({ customer, experience, ...window });
  const counts = async () => {
    const tables = await store.rows("select tablename from pg_tables where schemaname = current_schema() order by 1");
    return Promise.all(
      tables.map(async ({ tablename }) => [tablename, (await store.rows(`select count(*)::int as n from "${tablename}"`))[0]?.n]),
    );
  };

  test("the whole way of a message, its delivery and its page", async () => {
    await store.play([
      ["2026-06-02T15:00:00Z", "go"],
      ["2026-06-03T15:00:00Z", "bought", { kind: "bike" }],
    ]);
    const why = await ask("discount");
    expect(WhyView.parse(why)).toEqual(JSON.parse(JSON.stringify(why)));
    expect(why).toMatchObject({ outcome: "went", department: "marketing", variant: "short", locale: "default", searched: { whole: true } });
    expect(why.looks).toMatchObject([{ verdict: "chosen", channel: "email", variant: "short" }]);
    expect(why.answer).toBe(
      "discount was decided for c-1 by email on 2 June 2026, 10:00 (America/Chicago), and only recorded: this was a run without --live.",
    );
    const delivery = await store.lookUps.deliveries.show({ id: String(why.deliveryId) });
    expect(DeliveryView.parse(delivery)).toEqual(JSON.parse(JSON.stringify(delivery)));
    expect(delivery).toMatchObject({
      ...{ kind: "smtp", to: "dana@example.com", status: "sent", recorded: true, hasPage: true },
      ...{ content: { subject: "Hi Dana" }, facts: { firstName: { value: "Dana", source: "import", age: "1d" } } },
      history: [{ status: "reserved" }, { status: "sent" }],
      links: [{ target: "https://shop.example/tok-1", text: "our shop" }],
      text: expect.stringContaining("our shop"),
    });
    const previews = createPreviews({ store: store.runtime.store, policy, now: () => 0, outputOf: () => undefined });
    expect((await previews.delivery(delivery.deliveryId))?.html).toContain("<x-a>our shop</x-a>");
    await expect(store.lookUps.deliveries.show({ id: "m_none" })).rejects.toThrow(/no delivery m_none in the store/);
  });

  test("receipts of a delivery with the signals that brought them", async () => {
    const [decision] = await store.play([["2026-06-02T15:00:00Z", "go"]]);
    const [{ deliveryId } = { deliveryId: "" }] = (await store.lookUps.decisions.show({ id: String(decision?.decisionId) })).deliveries;
    await store.play([
      ["2026-06-03T15:00:00Z", "delivery.opened", { deliveryId }],
      ["2026-06-04T15:00:00Z", "bought", { kind: "car" }],
    ]);
    const { receipts } = await store.lookUps.deliveries.show({ id: deliveryId.slice(0, 10) });
    expect(receipts).toEqual([
      { kind: "opened", at: "2026-06-03T15:00:00Z", source: "test", signalId: expect.any(String) },
      { kind: "converted", at: "2026-06-04T15:00:00Z" },
    ]);
    expect((await ask("discount")).rungs.at(-1)).toMatchObject({
      state: "yes",
      says: expect.stringMatching(/^opened on .*; converted on /),
    });
  });

  test("what held it, what won, and whom to ask; a window is bounded and counts from the store's time", async () => {
    await store.play([
      ["2026-06-01T15:00:00Z", "alarm"],
      ["2026-06-02T15:00:00Z", "message.received", { text: "hello" }],
      ["2026-06-02T16:00:00Z", "go"],
    ]);
    const why = await ask("discount");
    expect(why).toMatchObject({
      ...{ outcome: "held", stoppedAt: "funnel", heldBy: { stage: "suppression", code: "promise_open" } },
      ask: { department: "service", queue: "service", about: "the promise reply" },
    });
    expect((await ask("discount", {})).searched).toEqual({ from: "2026-05-26T16:00:00Z", to: "2026-06-02T16:00:00Z", whole: true });
    expect((await ask("discount", { from: "2024-01-01T00:00:00Z" })).searched.whole).toBe(false);
    expect(await ask("discount", { from: "2026-06-20T00:00:00Z", to: "2026-06-21T00:00:00Z" })).toMatchObject({
      ...{ stoppedAt: "moment", looks: [], lastLook: { codes: ["promise_open"] } },
    });
    await expect(ask("discount", { from: "2026-06-20T00:00:00Z", to: "2026-06-01T00:00:00Z" })).rejects.toThrow(/from: .* is after to/);
    await expect(ask("discount", { from: "yesterday" })).rejects.toThrow(/from: yesterday is no time/);
  });

  test("signals that came, read by the index of the customer's signals", async () => {
    await store.customers({ id: "c-2", traits: { year: 2026 } });
    await store.play([["2026-06-02T15:00:00Z", "go", { subject: "c-2" }]]);
    expect((await ask("discount", WEEK, "c-2")).answer).toMatch(
      /go came from test on 2 June 2026, 10:00 .*, and its condition does not hold/,
    );
    expect((await ask("draft")).answer).toMatch(/its status is draft/);
    await expect(ask("discont")).rejects.toThrow(/no experience discont in the catalogue; did you mean discount\?/);
    await expect(ask("discount", WEEK, "nobody")).rejects.toThrow(
      /no customer nobody in the store; npx sentient customers search finds one/,
    );
  });

  test("a judgement decides as a wake would, and leaves every table as it was", async () => {
    await store.play([
      ["2026-06-02T15:00:00Z", "message.received", { text: "hello" }],
      ["2026-06-02T16:00:00Z", "go"],
    ]);
    const before = await counts();
    const judgement = await store.lookUps.customers.judgement({ id: "c-1" });
    expect(await counts()).toEqual(before);
    expect(JudgementView.parse(judgement)).toEqual(JSON.parse(JSON.stringify(judgement)));
    expect(judgement).toMatchObject({
      answer: "Woken now, nothing would be sent to c-1.",
      decision: {
        action: "silence",
        candidates: [{ experienceId: "discount", reasons: [{ code: "promise_open" }, { code: "promise_open" }] }],
      },
    });
    await expect(store.lookUps.customers.judgement({ id: "nobody" })).rejects.toThrow(/no customer nobody/);
  });

  test("one signal, decided or given up", async () => {
    await store.play([["2026-06-02T15:00:00Z", "go", { note: "<b>x</b>" }]]);
    const [{ id } = { id: "" }] = (await store.rows("select id from signals where type = 'go'")) as { id: string }[];
    const signal = await store.lookUps.signals.show({ source: "test", id });
    expect(SignalView.parse(signal)).toEqual(JSON.parse(JSON.stringify(signal)));
    expect(signal).toMatchObject({ type: "go", customerId: "c-1", state: "decided", event: { data: { note: "<b>x</b>" } } });
    await store.rows(`insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, error, dead_at)
      values (999, 'test', 'dead', 'go', 'c-1', now(), now(), '{}', '', '{"message": "it failed"}', now())`);
    expect(await store.lookUps.signals.show({ source: "test", id: "dead" })).toMatchObject({ state: "dead", error: "it failed" });
    await expect(store.lookUps.signals.show({ source: "test", id: "none" })).rejects.toThrow(/no signal none of test in the store/);
  });

  test("rules and texts as their authors wrote them, without secrets", async () => {
    const rules = await store.lookUps.policy.show({});
    expect(PolicyView.parse(rules)).toEqual(JSON.parse(JSON.stringify(rules)));
    expect(rules).toMatchObject({
      moments: [
        { name: "m", on: ["go"], when: "customer.year <= 2024", expires: "10d" },
        { name: "urgent", on: ["alarm"] },
      ],
      channels: expect.arrayContaining([expect.objectContaining({ name: "email", kind: "smtp", address: "email", consent: "opt_out" })]),
      quietHours: [{ channels: ["box"], from: "21:00", to: "08:00" }],
      suppress: [
        { afterSignal: ["complaint"], for: "30d", reason: "a complaint" },
        { when: "has(customer.left)", departments: ["marketing"] },
      ],
      caps: [{ id: "weekly", max: 1, window: "7d" }],
    });
    const one = await store.lookUps.experiences.show({ id: "discount" });
    expect(OneExperienceView.parse(one)).toEqual(JSON.parse(JSON.stringify(one)));
    expect(one).toMatchObject({
      ...{ file: "experiences/0.yaml", status: "approved", limits: { perCustomer: 2, window: "30d", total: 50 } },
      suitability: [{ when: "customer.year > 2000", reason: "not a classic" }],
      contents: [
        { channel: "email", written: { subject: "Hi {{ customer.firstName }}", body: expect.stringContaining("${TOKEN}") } },
        { channel: "box", written: { text: "Save {{ customer.year }}" } },
      ],
    });
    expect(JSON.stringify([rules, one])).not.toMatch(/hunter2|tok-1|options/);
  });
});
