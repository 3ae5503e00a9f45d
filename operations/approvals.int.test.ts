import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  governance:
    approval: [{when: experience.value > 100, reason: high value}, {experiences: [credit, told], reason: money}]
    quietHours: [{from: "21:00", to: "08:00"}]
    suppress: [{when: customer.openCases > 0, reason: open case}]
  channels: {box: {kind: file}, other: {kind: file}}
  moments: {m: {on: go, expires: 2d, closes: [gone]}, asked: {on: ask, expires: 2d}, telling: {on: tell, expires: 2d}}
  learning: {explore: thompson}
  `,
  [
    "id: big\nvalue: 500\n",
    "id: small\nvalue: 1\n",
    "id: told\nserves: [telling]\nchannels: {box: {variants: {short: {text: Hi}, long: {text: Good day to you}}}}",
    `id: credit\nserves: [asked]\ndepartment: sales\naction: {tool: issue_offer, input: {amount: 40, validFor: 3h}}\nchannels:
  other: {text: "{{ customer.name | default: 'Friend' }}, {{ 40 }} off with {{ action.code }}: ${"a long, long story that goes on and on ".repeat(4)}"}`,
  ],
);

const OLGA = { by: "olga" };
const GO = ["2026-06-01T15:00:00Z", "go"] as const;

describe.each(enginesAt(process.env.DATABASE_URL))("approvals on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options);

  const asked = async (): Promise<string> => {
    const decisions = await opened.play([GO]);
    expect(decisions).toMatchObject([{ action: "await_approval", experienceId: "big" }]);
    const [approval] = await opened.operations.approvals.list({ limit: 9 });
    return approval?.approvalId ?? "";
  };
  const approve = (id: string) => opened.operations.approvals.approve({ id }, OLGA);
  const reject = (id: string) => opened.operations.approvals.reject({ id }, { ...OLGA, note: "not now" });

  test("are listed while their moment is open, with their subject", async () => {
    await asked();
    expect(await opened.operations.approvals.list({ limit: 9 })).toMatchObject([
      { customerId: "c-1", experienceId: "big", moment: "m", reason: "high value", state: "pending", expiresAt: "2026-06-03T15:00:00Z" },
    ]);
    await opened.play([["2026-06-01T16:00:00Z", "gone"]]);
    expect(await opened.operations.approvals.list({ limit: 9 })).toEqual([]);
    expect(await opened.operations.approvals.list({ limit: 9, all: true })).toMatchObject([{ state: "lapsed" }]);
  });

  test("W6: are listed with what they are about: channel, amount and the beginning of the text, while they can be answered", async () => {
    const id = await asked();
    expect(await opened.operations.approvals.list({ limit: 9 })).toMatchObject([{ channel: "box", amount: 500, text: "Hello" }]);
    await opened.judge(await reject(id));
    const [over] = await opened.operations.approvals.list({ limit: 9, all: true });
    expect(over).toMatchObject({ channel: "box", state: "rejected" });
    expect(over).not.toHaveProperty("text");
  });

  test("W6: show the text as it would go now, its facts with source and age, the action with its amount, and until when", async () => {
    await opened.play([["2026-06-01T15:00:00Z", "ask", { traits: { name: "Ada" } }]]);
    const [listed] = await opened.operations.approvals.list({ limit: 9 });
    expect(listed).toMatchObject({
      experienceId: "credit",
      channel: "other",
      amount: 40,
      text: expect.stringMatching(/^Ada, 40 off with \S+: a long, long story that goes on and on.*…$/),
    });
    expect(listed?.text?.length).toBe(100);
    const show = (id: string) => opened.lookUps.approvals.show({ id });
    const shown = await show(listed?.approvalId.slice(0, 10) ?? "");
    expect(shown).toMatchObject({
      customerId: "c-1",
      experienceId: "credit",
      channel: "other",
      moment: "asked",
      reason: "money",
      askedAt: "2026-06-01T15:00:00Z",
      expiresAt: "2026-06-03T15:00:00Z",
      amount: 40,
      action: { tool: "issue_offer", input: { amount: 40, validFor: "3h" }, from: "computed" },
      facts: { name: { value: "Ada", source: "test", at: "2026-06-01T15:00:00Z", age: "0s", state: "ok" } },
      content: { text: expect.stringContaining("Ada, 40 off with ") },
      problems: [],
    });
    // As it would go now, not as it was when it was asked.
    await opened.play([["2026-06-01T16:00:00Z", "customer.updated", { traits: { name: "Adele" } }]]);
    expect((await show(listed?.approvalId ?? "")).content).toMatchObject({ text: expect.stringContaining("Adele, ") });
    await opened.play([], "2026-06-04T00:00:00Z");
    const over = await show(listed?.approvalId ?? "");
    expect(over).toMatchObject({ state: "lapsed", reason: "money" });
    expect(over).not.toHaveProperty("content");
    await expect(show("a_nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("are shown in the variant that was drawn, and that one goes after the yes", async () => {
    const customers = ["c-1", "c-2", "c-3", "c-4", "c-5", "c-6"];
    const decisions = await opened.play(customers.map((subject, n) => [`2026-06-01T15:0${n}:00Z`, "tell", { subject }] as const));
    const drawn = new Map(decisions.map(({ customerId, variant }) => [customerId, variant]));
    expect(new Set(drawn.values())).toEqual(new Set(["short", "long"]));
    for (const { approvalId, customerId, variant, text } of await opened.operations.approvals.list({ limit: 9 })) {
      const said = drawn.get(customerId) === "long" ? "Good day to you" : "Hi";
      expect({ variant, text }).toEqual({ variant: drawn.get(customerId), text: said });
      const way = { channel: "box", variant };
      expect(await opened.lookUps.approvals.show({ id: approvalId })).toMatchObject({ ...way, content: { text: said } });
      // Whatever would be drawn by now.
      expect(await opened.judge(await approve(approvalId))).toMatchObject([{ action: "deliver", ...way }]);
    }
  });

  test("W6: that lapse become one task in the queue of the department, and are answered no more", async () => {
    await opened.play([["2026-06-01T15:00:00Z", "ask"]]);
    await opened.play([], "2026-06-20T00:00:00Z");
    expect(await opened.operations.tasks.list({ limit: 9 })).toMatchObject([
      {
        queue: "sales",
        summary: "not approved in time: credit for c-1 (money)",
        createdAt: "2026-06-03T15:00:00Z",
        due: "2026-06-04T15:00:00Z",
        facts: { experience: "credit", reason: "money", askedAt: "2026-06-01T15:00:00Z", moment: "asked" },
      },
    ]);
    const [lapsed] = await opened.operations.approvals.list({ limit: 9, all: true });
    expect(lapsed).toMatchObject({ state: "lapsed" });
    await expect(approve(lapsed?.approvalId ?? "")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("W6: are asked for at night, and what is approved then is deferred to the morning", async () => {
    await opened.play([["2026-06-02T03:00:00Z", "go"]]);
    const [approval] = await opened.operations.approvals.list({ limit: 9 });
    expect(approval).toMatchObject({ experienceId: "big", askedAt: "2026-06-02T03:00:00Z" });
    expect(await opened.judge(await approve(approval?.approvalId ?? ""))).toMatchObject([
      { action: "defer", until: "2026-06-02T13:00:00Z" },
    ]);
    expect(await opened.play([], "2026-06-02T13:00:00Z")).toMatchObject([{ action: "deliver", experienceId: "big" }]);
  });

  test("given send the message if it still wins, in a new decision that replaces the waiting one", async () => {
    const id = await asked();
    const answer = await approve(id);
    expect(answer).toMatchObject({ changed: true, state: "approved", answeredBy: "olga", wakes: "c-1" });
    const decisions = await opened.judge(answer);
    expect(decisions).toMatchObject([
      {
        action: "deliver",
        experienceId: "big",
        wake: { kind: "timer", name: "approval", due: "2026-06-01T15:00:00.001Z" },
        supersedes: expect.any(String),
        deliveries: [{ status: "sent", recorded: true }],
      },
    ]);
    expect(await opened.judge(answer)).toEqual([]);
  });

  test("given for a candidate that no longer wins send nothing", async () => {
    const id = await asked();
    await opened.play([["2026-06-01T16:00:00Z", "case.opened", { caseId: "k-1" }]]);
    const decisions = await opened.judge(await approve(id));
    expect(decisions.map(({ action }) => action)).not.toContain("deliver");
    expect(await opened.rows("select 1 from deliveries")).toEqual([]);
  });

  test("given at night wait for the morning", async () => {
    const id = await asked();
    await opened.play([], "2026-06-02T03:00:00Z");
    expect(await opened.judge(await approve(id))).toMatchObject([{ action: "defer", until: "2026-06-02T13:00:00Z" }]);
    expect(await opened.play([], "2026-06-02T13:00:00Z")).toMatchObject([{ action: "deliver", experienceId: "big" }]);
  });

  test("refused last while the moment is open, and the next best candidate is sent instead", async () => {
    const id = await asked();
    const answer = await reject(id);
    expect(answer).toMatchObject({ changed: true, state: "rejected", note: "not now" });
    const decisions = await opened.judge(answer);
    expect(decisions).toMatchObject([{ action: "deliver", experienceId: "small" }]);
    expect(decisions[0]?.candidates).toContainEqual(
      expect.objectContaining({
        experienceId: "big",
        reasons: [expect.objectContaining({ code: "approval_rejected", decidedBy: "human" })],
      }),
    );
    await expect(approve(id)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("its moment m was served") });
  });

  test("a yes never follows a no; a no may follow a yes until the message is sent", async () => {
    const id = await asked();
    await approve(id);
    expect(await reject(id)).toMatchObject({ changed: true, state: "rejected" });
    await expect(approve(id)).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("was rejected by olga at") });
    expect(await opened.judge({ wakes: "c-1" })).toMatchObject([{ experienceId: "small" }]);
  });

  test("answered twice the same way are answered once", async () => {
    const id = await asked();
    const answers = await Promise.all(Array.from({ length: 5 }, () => approve(id)));
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await opened.judge({ wakes: "c-1" })).toHaveLength(1);
    expect((await opened.operations.audit.list({ limit: 9 })).map(({ action, target }) => [action, target])).toEqual([
      ["approval.approved", id],
    ]);
  });

  test("answered with yes and no concurrently never end as yes after no", async () => {
    const id = await asked();
    const answers = await Promise.allSettled([approve(id), reject(id), approve(id)]);
    expect(answers.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(await opened.operations.approvals.list({ limit: 9, all: true })).toMatchObject([{ state: "rejected" }]);
  });

  test("are too late once the moment is over, even before the next wake", async () => {
    const id = await asked();
    await opened.runtime.store.commit([], { replay_clock: Date.parse("2026-06-03T15:00:00Z") });
    await expect(approve(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("expired at 2026-06-03T15:00:00Z"),
    });
    await expect(approve("a_nothing")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("sentient approvals list"),
    });
  });

  test("the replay continues after an answer, from its time", async () => {
    await opened.judge(await approve(await asked()));
    const decisions = await opened.play([["2026-06-02T15:00:00Z", "go"]]);
    expect(decisions).toMatchObject([{ action: "await_approval", decidedAt: "2026-06-02T15:00:00Z" }]);
  });
});
