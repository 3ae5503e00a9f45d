import { describe, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { NOW } from "../testing/builders.ts";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const say = (id: string, text: string, rest = "") =>
  `id: ${id}\nserves: [${id}]\nchannels: {box: {text: ${JSON.stringify(text)}}}\n${rest}`;
const MOMENTS = ["sign", "code", "list", "ends", "due", "hook"];
const POLICY = policyOf(
  `
  channels: {box: {kind: file}, desk: {kind: file}, hook: {kind: webhook, url: 'https://shop.example/in', secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0}}
  learning: {explore: none}
  moments: {${MOMENTS.map((name) => `${name}: {on: ${name}, expires: 1d}`).join(", ")}}
  `,
  [
    say("sign", "{{ customer.lastName | split: '' | first }}."),
    say("code", "{{ customer.code | url_decode }}", "value: 2"),
    "id: plain\nserves: [code]\nvalue: 1\nchannels: {box: {text: Hello}}",
    say("list", "{{ customer.address }}"),
    say("ends", "It ends on {{ customer.ends | date: '%-d %B' }}", "applicability: [daysUntil(customer.ends) < 365]"),
    say("due", "{{ signal.data.due | date: '%-d %B' }}"),
    "id: hook\nserves: [hook]\nchannels: {hook: {payload: {score: '{{ customer.score }}', vip: '{{ customer.vip }}', tags: '{{ customer.tags }}', line: 'Score {{ customer.score }}', name: '{{ customer.lastName }}'}}}",
  ],
);

const CUSTOMERS = [
  {
    id: "c-1",
    traits: {
      lastName: "𠮷田",
      code: "a%00b",
      address: { street: "s", city: "c" },
      ends: "2026-09-08 15:30:00+00",
      score: 7,
      vip: true,
      tags: ["a", "b"],
    },
  },
  { id: "c-2", traits: { lastName: "Ann", code: "a%20b", address: "s, c", ends: "20260908", score: 7.5, vip: false, tags: [] } },
  { id: "c-3", traits: { lastName: "👨‍👩‍👧‍👦Li", code: "%FF", address: ["s"], ends: "soon", score: "7" } },
];

describe.each(enginesAt(process.env.DATABASE_URL))("unusual texts, %s", (_, options) => {
  const store = useOperated(POLICY, options, CUSTOMERS);
  const toAll = (type: string, data: JsonObject = {}) =>
    store.play(["c-1", "c-2", "c-3"].map((subject) => ["2026-06-01T15:00:00Z", type, { subject, ...data }] as const));
  const contentOf = ({ deliveries: [delivery] }: Decision) => delivery?.content;
  const reasonsOf = ({ candidates }: Decision, id: string) => candidates.find(({ experienceId }) => experienceId === id)?.reasons;

  test("F3: characters of several code units are printed whole", async () => {
    const decisions = await toAll("sign");
    expect(decisions.map(contentOf)).toEqual([{ text: "𠮷." }, { text: "A." }, { text: "👨‍👩‍👧‍👦." }]);
  });

  test("F3: a text that cannot be stored rejects its candidate, with its path; the others are sent", async () => {
    const decisions = await toAll("code");
    expect(decisions.map(({ experienceId }) => experienceId)).toEqual(["plain", "code", "plain"]);
    expect(reasonsOf(decisions[0] ?? expect.fail("decided"), "code")).toMatchObject([
      { code: "content_rejected", detail: expect.stringContaining("text holds a NUL character") },
    ]);
    expect(reasonsOf(decisions[2] ?? expect.fail("decided"), "code")).toMatchObject([
      { code: "content_rejected", detail: expect.stringContaining("text: {{ customer.code | url_decode }}: URI malformed") },
    ]);
  });

  test("F3: free text from outside is stored without the characters that cannot be", async () => {
    const [decision] = await toAll("sign");
    const id = decision?.deliveries[0]?.deliveryId ?? "";
    await store.runtime.store.deliveries.settle([{ deliveryId: id, status: "sent", at: NOW }]);
    await store.runtime.store.addSteps([{ runId: decision?.runId ?? "", step: { agent: "x", ms: 0, said: "a\u0000b\ud83d" } }]);
    const [run] = await store.rows(`select steps from runs where run_id = '${decision?.runId}'`);
    expect(JSON.stringify(run?.steps)).toContain("a\ufffdb\ufffd");
  });

  test("F3: a consent reason with an emoji at position 200 is truncated between characters", async () => {
    await toAll("customer.consent", { channel: "desk", status: "revoked", reason: `${"x".repeat(199)}😀 and more` });
    const rows = await store.rows("select reason from consents where channel = 'desk'");
    expect(rows).toEqual(Array(3).fill({ reason: "x".repeat(199) }));
  });

  test("F11: dates in PostgreSQL's format and in basic ISO format are read; an invalid one is reported with its path", async () => {
    const decisions = await toAll("ends");
    expect(decisions.map(contentOf)).toEqual([{ text: "It ends on 8 September" }, { text: "It ends on 8 September" }, undefined]);
    expect(reasonsOf(decisions[2] ?? expect.fail("decided"), "ends")).toMatchObject([
      { code: "not_applicable", detail: expect.stringContaining("customer.ends is there but is no date") },
    ]);
  });

  test("F11: the same holds for dates in signals", async () => {
    const [good] = await toAll("due", { due: "20260908T153000+02" });
    expect(good && contentOf(good)).toEqual({ text: "8 September" });
    await store.runtime.store.clear();
    await store.customers(...CUSTOMERS);
    const [bad] = await toAll("due", { due: "soon" });
    expect(bad && reasonsOf(bad, "due")).toMatchObject([
      { code: "content_rejected", detail: "signal.data.due is there but is no date, and the text prints it as one" },
    ]);
  });

  test.each([
    ["2d", "2026-06-03T15:00:00Z"],
    ["2026-06-05 15:30:00+00", "2026-06-05T15:30:00Z"],
    ["20260605T1030", "2026-06-05T15:30:00Z"],
    ["2026-06-05", "2026-06-06T05:00:00Z"],
  ])("F11: a promise that is due %s is due at %s", async (due, wanted) => {
    await store.play([["2026-06-01T15:00:00Z", "promise.opened", { promise: "callback", due }]]);
    const [promise] = await store.rows("select due from promises");
    expect(promise?.due).toEqual(new Date(wanted));
  });

  test("F12: an object and a list are not printed, and the path is reported", async () => {
    const decisions = await toAll("list");
    expect(decisions.map(contentOf)).toEqual([undefined, { text: "s, c" }, undefined]);
    for (const [index, what] of [
      [0, "an object"],
      [2, "a list"],
    ] as const)
      expect(reasonsOf(decisions[index] ?? expect.fail("decided"), "list")).toMatchObject([
        { code: "content_rejected", detail: expect.stringContaining(`text: {{ customer.address }}: it is ${what}`) },
      ]);
  });

  test("friction: values keep their types in a webhook's payload where a string is one output alone", async () => {
    const decisions = await toAll("hook");
    expect(decisions.map(contentOf)).toEqual([
      { payload: { score: 7, vip: true, tags: ["a", "b"], line: "Score 7", name: "𠮷田" } },
      { payload: { score: 7.5, vip: false, tags: [], line: "Score 7.5", name: "Ann" } },
      undefined,
    ]);
  });
});
