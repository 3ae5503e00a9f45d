import { beforeEach, describe, expect, test } from "vitest";
import { LEFT_OUT } from "../../domain/story/story-row.ts";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { ContactsView, ConversationView, CustomersPage, HoldingsView, SearchView, StoryView } from "./views.ts";

const POLICY = policyOf(
  `
  departments: [sales, service, marketing]
  stages: {known: {when: has(customer.name)}}
  channels:
    mail: {kind: file, address: email}
    text: {kind: file, address: phone}
    desk: {kind: human, queue: showroom}
    web: {kind: pull, places: [hero]}
  governance: {caps: [{id: day, max: 1, window: 1d}]}
  learning: {explore: none}
  moments:
    m: {on: go, expires: 2d}
    d: {on: human.touch, when: 'signal.data.kind == "visit"', expires: 2d}
  promises:
    callback: {opens: call.me, due: 2d, owner: service, closes: [human.touch]}
  `,
  [
    `
    id: greet
    name: Say hello
    department: sales
    channels: {mail: {subject: "Hello {{ customer.name }}", body: Hi}, text: {text: Hi}}
    action: {tool: issue_offer, input: {listPrice: 350, percent: 10, validFor: 7d}}
    `,
    `
    id: news
    department: marketing
    value: 1
    channels: {mail: {subject: News, body: News}}
    `,
    "id: hero\nserves: [asking]\nchannels: {web: {content: {title: Hi}}}",
    `
    id: welcome
    serves: [d]
    department: sales
    channels: {desk: {summary: "{{ customer.name }} is here"}}
    `,
  ],
);

const OLGA = { by: "olga" };
const ADA = {
  id: "c-ada",
  traits: { name: "Adalinda", phone: "+1 (555) 0001" },
  identities: [{ type: "email", value: "Ada@Example.org" }],
};
const ALSO_ADA = { id: "c-web-7", traits: { name: "A. L.", phone: "+1 555 0007" } };

describe.each(enginesAt(process.env.DATABASE_URL))("people on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [ADA, ALSO_ADA, { id: "c-bea", traits: { name: "Bea" } }]);
  const of = { subject: "c-ada" };
  beforeEach(async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "go", of],
      ["2026-06-01T15:01:00Z", "case.opened", { ...of, caseId: "k-1", subject: "c-ada" }],
      ["2026-06-01T15:02:00Z", "call.me", of],
      ["2026-06-01T15:03:00Z", "message.received", { ...of, channel: "mail", text: "my secret" }],
      ["2026-06-01T15:04:00Z", "customer.consent", { ...of, channel: "text", status: "revoked" }],
      ["2026-06-01T15:05:00Z", "go", { subject: "c-web-7" }],
      ["2026-06-02T15:00:00Z", "human.touch", { ...of, kind: "visit", by: "gus" }],
      ["2026-06-02T16:00:00Z", "case.closed", { ...of, caseId: "k-1" }],
      ["2026-06-02T16:30:00Z", "go", of],
      ["2026-06-02T16:40:00Z", "sentient.ask", { ...of, customer: "c-ada", channel: "web" }],
    ]);
    const { operations } = opened;
    const [task] = await operations.tasks.list({ limit: 1 });
    await operations.tasks.done({ id: task?.taskId ?? "", contacted: "call" }, OLGA);
    await operations.customers.merge({ id: "c-web-7", into: "c-ada" }, { ...OLGA, note: "same phone" });
  });

  const story = async (id: string, limit = 200, ghosts = false) => {
    const items: StoryView["items"] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = StoryView.parse(await opened.lookUps.customers.story({ id, limit, cursor, ghosts }));
      items.unshift(...page.items);
      cursor = page.next;
      pages += 1;
      expect(page.searched.whole).toBe(cursor === undefined);
    } while (cursor !== undefined && pages < 100);
    return items;
  };

  test("the story misses no row of the export, except those of the tables that it leaves out on purpose", async () => {
    const told = new Set(
      (await story("c-ada")).flatMap(({ refs }) => refs.map(({ table, id, source }) => [table, source, id].filter(Boolean).join(" "))),
    );
    const { tables } = await opened.operations.customers.export({ id: "c-ada" }, OLGA);
    const KEYS: Record<string, (row: Record<string, unknown>) => string> = {
      signals: ({ source, id }) => `signals ${source} ${id}`,
      consents: ({ customer_id, channel }) => `consents ${customer_id} ${channel}`,
      outcomes: ({ delivery_id, kind }) => `outcomes ${delivery_id} ${kind}`,
      cases: ({ case_id }) => `cases ${case_id}`,
      imports: ({ seq }) => `imports ${seq}`,
      links: ({ customer_id }) => `links ${customer_id}`,
      audit: ({ audit_id }) => `audit ${audit_id}`,
      offers: ({ code }) => `offers ${code}`,
      touches: ({ touch_id, kind }) => (kind === "delivery" ? `deliveries ${touch_id}` : `touches ${touch_id}`),
      decisions: ({ decision_id }) => `decisions ${decision_id}`,
      deliveries: ({ delivery_id }) => `deliveries ${delivery_id}`,
      promises: ({ promise_id }) => `promises ${promise_id}`,
      approvals: ({ approval_id }) => `approvals ${approval_id}`,
      tasks: ({ task_id }) => `tasks ${task_id}`,
      gone_addresses: ({ customer_id, type, value }) => `gone_addresses ${customer_id} ${type} ${value}`,
      asks: ({ source, id }) => `asks ${source} ${id}`,
      stage_changes: ({ change_id }) => `stage_changes ${change_id}`,
      inbox: ({ source, id }) => `signals ${source} ${id}`,
    };
    for (const [table, rows] of Object.entries(tables)) {
      if (table in LEFT_OUT) continue;
      const key = KEYS[table];
      expect(key, `${table}: told, or named in LEFT_OUT`).toBeDefined();
      for (const row of rows) expect(told, table).toContain(key?.(row as Record<string, unknown>));
    }
    for (const table of [
      "signals",
      "decisions",
      "deliveries",
      "touches",
      "tasks",
      "promises",
      "cases",
      "consents",
      "offers",
      "stage_changes",
      "asks",
      "links",
      "audit",
    ])
      expect(tables[table]?.length, table).toBeGreaterThan(0);
  });

  test("a showing is told with its place and whether it was seen", async () => {
    const shown = async () => (await story("c-ada")).flatMap(({ channel, status }) => (channel === "web" && status ? [status] : []));
    expect(await shown()).toEqual(["given for hero, not seen"]);
    const [{ delivery_id } = {}] = await opened.rows("select delivery_id from deliveries where channel = 'web'");
    await opened.play([["2026-06-02T16:50:00Z", "delivery.clicked", { ...of, deliveryId: String(delivery_id) }]]);
    expect(await shown()).toEqual(["given for hero, seen", "clicked"]);
  });

  test("pages of any size tell the same rows, each once and in order", async () => {
    const whole = await story("c-ada");
    const rowsOf = (items: StoryView["items"]) => items.flatMap(({ refs }) => refs.map(({ table, id }) => `${table} ${id}`));
    for (const limit of [1, 2, 7]) {
      const paged = await story("c-ada", limit);
      expect(new Set(rowsOf(paged))).toEqual(new Set(rowsOf(whole)));
      const times = paged.map(({ at }) => Date.parse(at));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test("a merged customer's story is one, under each of the ids", async () => {
    const [one, other] = [await story("c-ada"), await story("c-web-7")];
    expect(other).toEqual(one);
    const page = await opened.lookUps.customers.story({ id: "c-web-7" });
    expect(page).toMatchObject({ customerId: "c-ada", alsoKnownAs: ["c-web-7"], name: "Adalinda" });
    expect(one.filter(({ kind }) => kind === "merge")).toMatchObject([{ title: "c-web-7 is merged into c-ada" }]);
  });

  test("ghosts within one second are told once, of the first decision, and within the bounds that were asked", async () => {
    await opened.play([
      ["2026-06-08T15:00:00Z", "go", of],
      ["2026-06-08T15:00:00.500Z", "customer.consent", { ...of, channel: "mail", status: "revoked" }],
      ["2026-06-12T15:00:00.400Z", "customer.consent", { ...of, channel: "mail", status: "granted" }],
      ["2026-06-12T15:00:00.500Z", "go", of],
    ]);
    const ghosts = async (from: string, to: string) =>
      (await opened.lookUps.customers.story({ id: "c-ada", ghosts: true, from, to })).ghosts?.map(({ at }) => at);
    expect(await ghosts("2026-06-08T00:00:00Z", "2026-06-09T00:00:00Z")).toEqual(["2026-06-08T15:00:00Z"]);
    expect(await ghosts("2026-06-12T15:00:00Z", "2026-06-12T15:00:01Z")).toEqual(["2026-06-12T15:00:00.500Z"]);
    expect(await ghosts("2026-06-12T00:00:00Z", "2026-06-12T15:00:00Z")).toEqual([]);
  });

  test("a cursor continues its own story only", async () => {
    const { next } = await opened.lookUps.customers.story({ id: "c-ada", limit: 2 });
    expect(next).toBeDefined();
    for (const request of [
      { id: "c-bea", cursor: next },
      { id: "c-ada", cursor: next, from: "2026-06-01T00:00:00Z" },
    ])
      await expect(opened.lookUps.customers.story(request)).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  test("search finds records by the beginning of an id, customers by an address in any spelling or by name, experiences by name", async () => {
    const find = async (q: string) =>
      SearchView.parse(await opened.lookUps.search.find({ q })).found.map(({ kind, id, by }) => `${kind} ${id} ${by}`);
    expect(await find("c-a")).toEqual(["customer c-ada id"]);
    expect(await find("c-web")).toEqual(["customer c-ada id"]);
    expect(await find(" ADA@example.ORG")).toEqual(["customer c-ada address"]);
    expect(await find("+1-555-0001")).toEqual(["customer c-ada address"]);
    expect(await find("adal")).toEqual(["customer c-ada name"]);
    expect(await find("say hel")).toEqual(["experience greet name"]);
    const [decision] = await opened.lookUps.decisions.list({ limit: 1 });
    expect(await find(decision?.decisionId.slice(0, 12) ?? "")).toEqual([`decision ${decision?.decisionId} id`]);
    expect(await find("%")).toEqual([]);
  });

  test("customers are listed by their last decision, and by flag", async () => {
    const list = async (flag?: "open-case" | "late-promise" | "at-cap") =>
      CustomersPage.parse(await opened.lookUps.customers.list({ flag })).customers;
    await opened.play([
      ["2026-06-02T17:00:00Z", "call.me", of],
      ["2026-06-05T15:00:00Z", "case.opened", { subject: "c-bea", caseId: "k-2" }],
      ["2026-06-05T15:00:01Z", "go", { subject: "c-bea" }],
    ]);
    expect((await list()).map(({ customerId, name, stage }) => [customerId, name, stage])).toEqual([
      ["c-bea", "Bea", "known"],
      ["c-ada", "Adalinda", "known"],
    ]);
    expect(await list("open-case")).toMatchObject([{ customerId: "c-bea", openCases: 1 }]);
    expect(await list("late-promise")).toMatchObject([{ customerId: "c-ada", latePromises: 1 }]);
    expect(await list("at-cap")).toEqual([]);
    const first = await opened.lookUps.customers.list({ limit: 1 });
    const second = await opened.lookUps.customers.list({ limit: 1, cursor: first.next });
    expect([first, second].map(({ customers }) => customers.map(({ customerId }) => customerId))).toEqual([["c-bea"], ["c-ada"]]);
    expect(second).toMatchObject({ searched: { customers: 2, whole: true } });
  });

  test("contacts are told by day and department, beside how each cap stands", async () => {
    const contacts = ContactsView.parse(await opened.lookUps.customers.contacts({ id: "c-ada" }));
    expect(contacts.days).toMatchObject([
      { date: "2026-06-01", departments: { sales: 2 } },
      { date: "2026-06-02", contacts: 2 },
    ]);
    expect(contacts.caps).toMatchObject([{ id: "day", max: 1, used: 2, window: "1d" }]);
  });

  test("the conversation holds the customer's words and ours", async () => {
    const { lines } = ConversationView.parse(await opened.lookUps.customers.conversation({ id: "c-ada" }));
    expect(lines.map(({ by, text }) => `${by}: ${text}`)).toContain("customer: my secret");
    expect(lines.some(({ by, experienceId }) => by === "us" && experienceId === "greet")).toBe(true);
  });

  test("holdings count what an export contains and an erasure removes", async () => {
    const held = HoldingsView.parse(await opened.lookUps.customers.holdings({ id: "c-web-7" }));
    expect(held).toMatchObject({ customerId: "c-ada", alsoKnownAs: ["c-web-7"] });
    const { removed } = await opened.operations.customers.erase({ id: "c-ada" }, OLGA);
    expect(Object.fromEntries(held.tables.map(({ table, rows }) => [table, rows]))).toEqual(removed);
    await expect(opened.lookUps.customers.holdings({ id: "c-ada" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a touch is recorded once by its key, in the name of its actor, and the customer is decided again", async () => {
    const touch = { id: "c-bea", kind: "visit", department: "sales", key: "desk-0001" } as const;
    const first = await opened.operations.customers.touch(touch, { by: "gus", note: "walked in" });
    expect(first).toMatchObject({ customerId: "c-bea", by: "gus", changed: true, wakes: "c-bea" });
    expect(await opened.judge(first)).toMatchObject([{ action: "deliver", experienceId: "welcome" }]);
    expect(await opened.operations.customers.touch(touch, { by: "gus", note: "walked in" })).toMatchObject({ changed: false });
    await expect(opened.operations.customers.touch({ ...touch, kind: "call" }, { by: "gus" })).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await story("c-bea")).filter(({ kind }) => kind === "touch")).toMatchObject([
      { mark: "met", title: "visit", by: "gus", text: "walked in" },
    ]);
    expect(await opened.operations.audit.list({ limit: 1, customerId: "c-bea" })).toMatchObject([
      { by: "gus", action: "customer.touched" },
    ]);
  });

  test.each([
    [{ id: "c-nobody", kind: "visit" }, "NOT_FOUND"],
    [{ id: "c-bea", kind: "visit", department: "garden" }, "BAD_INPUT"],
  ] as const)("a touch of %j is refused: %s", async (touch, code) => {
    await expect(opened.operations.customers.touch(touch, OLGA)).rejects.toMatchObject({ code });
  });
});
