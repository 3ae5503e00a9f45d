import { describe, expect, test } from "vitest";
import { createPaint } from "../../cli/io.ts";
import { customerLines } from "../../cli/views/people.ts";
import { profileLines } from "../../cli/views/profile.ts";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { inShort } from "../../testing/tell.ts";

const POLICY = policyOf(
  `
  channels: {box: {kind: file, address: none}}
  learning: {explore: none}
  stages:
    lapsed: {when: "count('order.placed', '30d') == 0 && count('order.placed', '365d') > 0"}
    active: {when: "count('order.placed', '30d') > 0"}
    prospect: {when: "customer.interested == true"}
  moments:
    wavering: {on: go, when: "count('stage.changed', '30d') >= 2", expires: 1d}
    hello: {on: hi, expires: 1d}
  record: {mergeFrom: [test]}
  `,
  ["id: stay\nserves: [wavering]", "id: greet\nserves: [hello]"],
);

const CUSTOMERS = [{ id: "c-1", traits: { interested: true, stage: "of a CRM" } }, { id: "c-2" }];

describe.each(enginesAt(process.env.DATABASE_URL))("stages on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, CUSTOMERS);
  const shown = async (id: string) => (await opened.lookUps.customers.show({ id })).stage;
  const history = async () =>
    (await opened.rows("select customer_id, from_stage, to_stage, ms(at) as at from stage_changes order by at, customer_id")).map(
      ({ customer_id, from_stage, to_stage, at }) =>
        `${customer_id} ${new Date(Number(at)).toISOString().slice(5, 16)} ${from_stage} > ${to_stage}`,
    );

  test("who was only imported gets a first look the next morning, and `customers show` and `list` have the stage", async () => {
    await opened.play([["2026-06-01T08:00:00Z", "go", { subject: "c-2" }]]);
    expect(await shown("c-1")).toBeUndefined();
    await opened.play([], "2026-06-01T15:00:00Z");
    expect(await history()).toEqual(["c-1 06-01T14:00 null > prospect"]);
    expect(await shown("c-1")).toEqual({ name: "prospect", since: "2026-06-01T14:00:00Z" });
    expect(await shown("c-2")).toBeUndefined();

    await opened.play([
      ["2026-06-02T11:00:00Z", "order.placed", { subject: "c-2" }],
      ["2026-06-02T12:00:00Z", "hi", { subject: "c-1" }],
      ["2026-06-02T13:00:00Z", "hi", { subject: "c-2" }],
    ]);
    const { customers } = await opened.lookUps.customers.list({ limit: 9 });
    expect(new Map(customers.map(({ customerId, stage }) => [customerId, stage]))).toEqual(
      new Map([
        ["c-2", "active"],
        ["c-1", "prospect"],
      ]),
    );
    expect(customerLines(customers, createPaint(false)).join("\n")).toMatch(/c-2 +active/);
    expect(profileLines(await opened.lookUps.customers.show({ id: "c-1" }), createPaint(false))).toContain(
      "stage prospect since 2026-06-01 14:00",
    );
  });

  test("`count('stage.changed')` reads the changes that the store holds, and story and export tell them", async () => {
    const first = await opened.play([
      ["2026-06-01T11:00:00Z", "go"],
      ["2026-06-01T12:00:00Z", "order.placed"],
    ]);
    expect(first).toEqual([]);
    const decisions = await opened.play([["2026-06-01T13:00:00Z", "go"]]);
    expect(decisions.map(inShort)).toEqual([expect.stringContaining("deliver stay")]);
    await opened.play([], "2026-07-05T00:00:00Z");
    expect(await history()).toEqual([
      "c-1 06-01T11:00 null > prospect",
      "c-1 06-01T12:00 prospect > active",
      "c-1 07-01T14:00 active > lapsed",
    ]);
    const { items } = await opened.lookUps.customers.story({ id: "c-1", limit: 99 });
    expect(items.filter(({ kind }) => kind === "stage").map(({ title }) => title)).toEqual([
      "stage prospect",
      "stage active, prospect before",
      "stage lapsed, active before",
    ]);
    const { tables } = await opened.operations.customers.export({ id: "c-1" }, { by: "olga" });
    expect(tables.stage_changes).toMatchObject([{ to_stage: "prospect" }, { to_stage: "active" }, { to_stage: "lapsed" }]);
  });

  test("merged, the survivor's stage is that of all that both did; after a split each has its own again", async () => {
    await opened.play([
      ["2026-06-01T11:00:00Z", "order.placed", { subject: "c-2" }],
      ["2026-06-01T11:00:00Z", "go"],
    ]);
    expect([await shown("c-1"), await shown("c-2")]).toMatchObject([{ name: "prospect" }, { name: "active" }]);

    await opened.judge(await opened.operations.customers.merge({ id: "c-2", into: "c-1" }, { by: "olga" }));
    expect([await shown("c-1"), await shown("c-2")]).toMatchObject([{ name: "active" }, { name: "active" }]);
    await opened.judge(await opened.operations.customers.split({ id: "c-2" }, { by: "olga" }));
    expect([await shown("c-1"), await shown("c-2")]).toMatchObject([{ name: "prospect" }, { name: "active" }]);
    expect(await history()).toHaveLength(4);
  });
});
