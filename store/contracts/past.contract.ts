import { expect, test } from "vitest";
import { lookAtAll } from "../../domain/deciding/funnel.ts";
import { type AskContext, judgeAsk } from "../../domain/deciding/judge-ask.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { Wake } from "../../domain/entities/wake.ts";
import { evidenceOf } from "../../domain/learning/own-habit.ts";
import { interpret } from "../../domain/moments/interpret.ts";
import { ABOUT_ANYTHING, type About, aboutWakes } from "../../domain/moments/look-back.ts";
import { inShort } from "../../domain/moments/task-story.ts";
import { viewOf } from "../../domain/record/view.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { seededRandom } from "../../domain/values/random.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../domain/values/time.ts";
import { aMoment, aSignal, oneInTwo, signalWake, timerWake } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { Pool } from "../engines/database.ts";
import { horizonOf, loadCustomers } from "../reading/load-customers.ts";
import type { Store } from "../store.ts";
import { counting } from "./counting.contract.ts";
import { NOON, write } from "./examples.contract.ts";

const RATES = { byAge: Array<number>(200).fill(0.01), byCell: Array<number>(48).fill(1) };

/** The contract of what is loaded of a customer's past: what rules look back at, and no more of it the longer it is. */
export function pastContract(store: () => Store): void {
  const query = (sql: string, params: readonly unknown[] = []) => store().database.pool.query(sql, params);

  const LIMITED = policyOf(
    `
    departments: [sales, care]
    channels:
      mail: {kind: file, address: email}
      text: {kind: file, address: phone}
      desk: {kind: human, queue: showroom}
      hook: {kind: file, counts: false}
      web: {kind: pull, places: [hero]}
      tool: {kind: pull, like: mail, hold: 10m}
    moments: {m: {on: go, expires: 20d}, n: {on: no, expires: 2d}}
    learning: {times: {channels: [mail]}}
    governance:
      suppress:
        - {after: {outcome: ignored, times: 2, within: 3d}, for: 9d, scope: experience}
        - {after: {outcome: ignored, times: 3, within: 2d}, for: 5d, scope: customer, channels: [text, web]}
        - {after: {outcome: complained}, for: 30d, scope: customer, departments: [care]}
        - {after: {outcome: bounced, times: 2, within: 1d}, scope: channel}
        - {after: {outcome: opened, times: 4}, for: 20d, scope: department}
        - {after: {outcome: dismissed, times: 2}, for: 20d, scope: channel}
    `,
    [
      "id: a\ndepartment: sales\nchannels: {mail: {subject: A, body: A}, text: {text: A}}\nlimits: {perCustomer: 2, window: 4d}\nsuccess: {signal: bought, within: 6d}",
      "id: b\ndepartment: care\nchannels: {text: {text: B}, web: {content: {t: B}}}\nlimits: {perCustomer: 30}\nsuccess: {signal: [bought, delivery.ignored], within: 3d}",
      "id: c\nserves: [m, n]\nchannels: {mail: {subject: C, body: C}, tool: {content: {t: C}}}\nlimits: {perCustomer: 4, window: 30d}",
      "id: d\nserves: [n]\nchannels: {desk: {summary: D}, hook: {text: D}}",
      "id: e\nserves: [fact_corrected]\nchannels: {mail: {subject: E, body: E}}",
    ],
  );
  const [EXPERIENCES, CHANNELS] = [
    ["a", "b", "c", "d", "old"],
    ["mail", "text", "desk", "hook", "web", "tool", "fax"],
  ];
  const DEPARTMENTS: Record<string, string> = { a: "sales", b: "care" };
  const STATUSES = ["sent", "delivered", "delivered", "uncertain", "bounced", "failed", "cancelled", "reserved", "sending"];
  const KINDS = ["delivered", "opened", "clicked", "ignored", "ignored", "bounced", "complained", "dismissed"];

  /** A history of deliveries, each `gap` after another, and what became of them. */
  async function lived(count: number, gap: number, seed: string): Promise<readonly string[]> {
    const draw = seededRandom(seed);
    const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
    await write(store(), "c-1", []);
    const moment = (momentId: string, name: string, ended: string | null) => ({ momentId, name, ended });
    const moments = [moment("mo-m", "m", null), moment("mo-old", "m", "served")];
    await query(
      `insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_on, opened_seq, confidence, decided_by, ended)
       select "momentId", 'c-1', name, $2::timestamptz, $2::timestamptz + interval '90 days', 0.5, '{}', 'x', 'go', 1, 1, 'rule', ended
         from jsonb_to_recordset($1::jsonb) x ("momentId" text, name text, ended text)`,
      [JSON.stringify(moments), new Date(NOON - 5 * DAY).toISOString()],
    );
    const deliveries = Array.from({ length: count }, (_, n) => {
      const [experience, channel, status] = [one(EXPERIENCES), one(CHANNELS), n > 20 ? one(STATUSES.slice(0, 7)) : one(STATUSES)];
      const isAsked = channel === "web" || channel === "tool";
      const asked = {
        place: "hero",
        source: "s",
        askId: `${n}`,
        probability: 1,
        keeps: [],
        momentId: one(n < 40 ? ["mo-m", "mo-old", "none"] : ["mo-old", "none"]),
      };
      return {
        ...{ id: `m-${String(n).padStart(5, "0")}`, experience, channel, status, department: DEPARTMENTS[experience] ?? null },
        at: NOON - Math.floor(n * gap * (0.5 + draw())),
        asked: isAsked ? { ...asked, ...(channel === "tool" ? { holdUntil: NOON } : {}) } : null,
        isSettled: status !== "reserved" && status !== "sending",
      };
    });
    await query(
      `insert into deliveries (delivery_id, decision_id, customer_id, experience_id, department, channel, address, status, reserved_at, settled_at, moments, expires_at, facts, frozen, asked)
       select id, 'd-' || id, 'c-1', experience, department, channel, 'ada@example.org', status, to_timestamp(at / 1000.0),
              case when "isSettled" then to_timestamp(at / 1000.0) end, '["m"]', $2::timestamptz, '{"name": {"value": "Ada"}}', '{}', asked
         from jsonb_to_recordset($1::jsonb) x (id text, experience text, department text, channel text, status text, at float8, asked jsonb, "isSettled" boolean)`,
      [JSON.stringify(deliveries), new Date(NOON + DAY).toISOString()],
    );
    const outcomes = deliveries.flatMap(({ id, at, experience, channel, department }) =>
      [...new Set([one(KINDS), one(KINDS)])].map((kind) => ({
        ...{ id, kind, experience, channel, department },
        at: at + Math.floor(draw() * 4) * DAY,
      })),
    );
    await query(
      `insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, department, at, reward)
       select id, 'c-1', kind, experience, channel, department, to_timestamp(at / 1000.0), 0
         from jsonb_to_recordset($1::jsonb) x (id text, kind text, experience text, channel text, department text, at float8)`,
      [JSON.stringify(outcomes)],
    );
    return deliveries.map(({ id }) => id);
  }

  const bought = (time: Instant, more: JsonObject = {}): Wake => signalWake(aSignal("bought", more, { customerId: "c-1", time }));
  const asks: Wake = {
    kind: "ask",
    ask: { source: "s", id: "new", customerId: "c-1", channel: "web", places: ["hero"], context: {}, at: NOON, seq: 9 },
    place: "hero",
  };

  /** Everything that is decided about a customer: what she is interpreted and judged as. */
  function decidedOf(customer: Customer, wake: Wake, now: Instant): unknown {
    const { changes, customer: next } = interpret(customer, wake, { policy: LIMITED, now, taken: () => false });
    const view = viewOf(next, LIMITED, wake, now);
    const asked = { channel: "web", place: "hero", experience: undefined, given: new Set<string>() };
    const context = { policy: LIMITED, view, now, usedInTotal: () => 0, ...(wake.kind === "ask" ? { asked } : {}) };
    const looks = lookAtAll({ ...next, moments: [...next.moments, aMoment({ name: "n" })] }, context);
    const judged = { policy: LIMITED, now, propensity: oneInTwo, usedInTotal: () => 0, given: new Set<string>(), isRecorded: false };
    const rule = LIMITED.channels.web as AskContext["rule"];
    // The tasks of deliveries that have none any more are withdrawn to no effect.
    const done = changes.filter(({ type }) => type !== "task_withdrawn");
    const answer = wake.kind === "ask" ? judgeAsk(next, { ...wake, place: "hero" }, { ...judged, rule }).decision : undefined;
    const contacts = inShort(next, LIMITED);
    const evidence = evidenceOf(next, "mail", RATES, { zone: "UTC", now });
    return JSON.parse(
      JSON.stringify({ done, looks: looks.map(({ experience, ...look }) => ({ id: experience.id, ...look })), answer, contacts, evidence }),
    );
  }

  test.each(["one", "two", "three"])("decide as if all of them were loaded: %s", async (seed) => {
    const all = await lived(400, 3 * HOUR, seed);
    const wakes: [Wake, Instant][] = [0, DAY, 3 * DAY, 12 * DAY].flatMap((ago): [Wake, Instant][] => [
      [bought(NOON - ago), NOON],
      [bought(NOON - ago), NOON - ago],
      [signalWake(aSignal("delivery.bounced", { deliveryId: all[40 + ago / DAY] ?? "" }, { customerId: "c-1", time: NOON - ago })), NOON],
      [signalWake(aSignal("delivery.clicked", { deliveryId: all[60 + ago / DAY] ?? "" }, { customerId: "c-1" })), NOON],
      [timerWake("response", NOON - ago, `response:${all[50 + ago / DAY]}`), NOON],
      [timerWake("judge", NOON - ago), NOON - ago],
      [asks, NOON - ago],
    ]);
    for (const [wake, now] of wakes) {
      const loaded = async (about: About) => {
        const found = await store().customers.load(["c-1"], LIMITED, now - MINUTE, { latest: now, about });
        return found.get("c-1") ?? expect.fail("she is known");
      };
      const few = await loaded({ ...aboutWakes([{ wake, now }], LIMITED), tellsContacts: true });
      const whole = await loaded({ ...ABOUT_ANYTHING, deliveries: all });
      expect([whole.deliveries.length, few.deliveries.length < 320]).toEqual([400, true]);
      expect(decidedOf(few, wake, now)).toEqual(decidedOf(whole, wake, now));
    }
  });

  test("of 8,000 no more rows are read than of 1,000", async () => {
    // What is limited for ever is counted.
    const BOUNDED = { ...LIMITED, experiences: LIMITED.experiences.filter(({ id }) => id !== "b") };
    const rows: number[] = [];
    for (const count of [1_000, 8_000]) {
      await store().clear();
      await lived(count, 3 * HOUR, "rows");
      // As a server does by itself after so many new rows.
      for (const table of ["deliveries", "outcomes"]) await query(`analyze ${table}`);
      const { pool } = store().database;
      const { db, read } = counting(pool);
      const reading = { query: db.query.bind(db), connect: () => pool.connect() } as unknown as Pool;
      await loadCustomers(reading, ["c-1"], horizonOf(BOUNDED, NOON));
      rows.push(read());
    }
    const [few = 0, many = 0] = rows;
    expect(many, `${few} and ${many} rows`).toBeLessThan(1.3 * few);
  });
}
