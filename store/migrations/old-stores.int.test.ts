import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../runtime/open-store.ts";
import { testsEmbedded } from "../../testing/test-files.ts";
import { type Database, transaction } from "../engines/database.ts";
import { openPostgres } from "../engines/postgres.ts";
import { runWhole } from "./batches.ts";
import { estimateUpgrade } from "./estimate.ts";
import { type Migration, migrate, readMigrations, stepsWithCode } from "./migrate.ts";

const MIGRATIONS = readMigrations().filter(({ number }) => number <= 25);
const upTo = (last: number): Migration[] => MIGRATIONS.filter(({ number }) => number <= last);
const BATCH_ROWS = 17;

/** A store of migration 13 in which every statement of the migrations after it finds rows to change and rows to leave. */
const OLD_STORE = `
insert into settings (name, value) values ('replay_clock', to_jsonb(ms('2099-01-01Z')));
insert into customers (customer_id, origin, created_at, claims, seen, openings)
select 'c-' || n, '{}', '2026-01-01Z'::timestamptz + ((n * 7) % 20) * interval '1 day',
       jsonb_build_object('email', jsonb_build_object('crm', jsonb_build_object('value', 'Trait' || n % 11 || '@x.example', 'at', 1, 'seq', n)),
                          'name', jsonb_build_object('web', jsonb_build_object('value', 'n', 'at', case when n % 3 = 0 then 4102444800000 else 5 end, 'seq', n))),
       jsonb_build_object('go', jsonb_build_object('at', case when n % 4 = 0 then 4102444800000 else 5 end, 'seq', n, 'count', 1)),
       jsonb_build_object('m', case when n % 5 = 0 then 4102444800000 else 5 end)
  from generate_series(1, 30) n;
insert into links (customer_id, into_id, root_id, at, source, signal_id, before)
select 'c-' || n, 'c-1', 'c-1', '2026-01-01Z', 'crm', 'l-' || n, '{}' from generate_series(25, 28) n;
insert into identities (customer_id, type, value, source, at, owned)
select 'c-' || (1 + n % 30), (array['email', 'phone', 'user'])[1 + n % 3],
       (array['Ann', 'ann', ' ANN', 'Bea', 'bea '])[1 + n % 5] || (n % 4) || (array['@x.example', '+1 (555) 555-01', ''])[1 + n % 3] || case when n % 17 = 0 then ' ' else '' end,
       'crm', '2026-01-01Z'::timestamptz + (n % 9) * interval '1 hour' + case when n % 13 = 0 then interval '80 years' else interval '0' end, true
  from generate_series(1, 90) n on conflict do nothing;
insert into identities (customer_id, type, value, source, at, owned) select 'c-' || n, 'phone', '  ', 'crm', '2026-01-01Z', false from generate_series(1, 9) n;
insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash)
select n, 'web', 'i-' || n, 'go', 'c-' || n, case when n % 2 = 0 then '2027-01-01Z'::timestamptz else '2026-01-01Z' end, '2026-01-02Z', '{}', '' from generate_series(1, 20) n;
insert into inbox_identities (type, value, customer_id, seq)
select 'email', (array['Cy', 'CY', ' cy'])[1 + n % 3] || n % 4 || '@x.example', 'c-' || n, n from generate_series(1, 12) n on conflict do nothing;
insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
select 100 + n, case when n % 6 = 0 then E'we\\nb' else 'web' end, 's-' || n, case when n % 3 = 0 then 'go' else 'customer.consent' end, 'c-' || (1 + n % 30),
       case when n % 5 = 0 then '2027-01-01Z'::timestamptz else '2026-01-02Z'::timestamptz + n * interval '1 hour' end, '2026-02-01Z',
       jsonb_build_object('data', jsonb_build_object('channel', (array['Email', ' sms', 'push', null])[1 + n % 4], 'status', (array['Revoked', 'denied', 'granted'])[1 + n / 2 % 3])), ''
  from generate_series(1, 60) n;
insert into consents (customer_id, channel, status, at, source, seq)
select 'c-' || (1 + n % 20), (array['email', 'Email', ' EMAIL ', 'SMS', 'sms', 'Push'])[1 + n / 20 % 6], (array['granted', 'revoked', 'denied'])[1 + n % 3],
       '2026-01-10Z'::timestamptz + (n % 7) * interval '1 day' + case when n % 11 = 0 then interval '80 years' else interval '0' end,
       (array['web', 'channel/sms', 'unsubscribe/email'])[1 + n % 3], n from generate_series(0, 119) n;
insert into gone_addresses (customer_id, type, value, at, source, reason)
select 'c-' || (1 + n % 10), 'phone', '+1 ' || (array['(555)', '555'])[1 + n % 2] || ' 555 01' || n % 5, '2026-01-01Z'::timestamptz + n * interval '1 day', 'channel/sms',
       case when n % 7 = 0 then 'the address is not a phone number' else 'r-' || n end from generate_series(1, 30) n on conflict do nothing;
insert into touches (touch_id, customer_id, at, kind, channel)
select 't-' || n, 'c-1', case when n % 3 = 0 then '2099-06-01Z'::timestamptz else '2026-01-01Z' end, 'call', 'call' from generate_series(1, 20) n;
insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen)
select 'd-' || n, 'x', 'c-' || n, 'e', 'email', (array['sent', 'bounced', 'failed', 'uncertain', 'reserved'])[1 + n % 5], '2026-01-01Z', case when n % 5 < 4 then '2026-01-01Z'::timestamptz end, '[]', '2026-01-01Z', '{}', '{}'
  from generate_series(1, 20) n;
insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward)
select 'd-' || n, 'c-' || n, 'opened', 'e', 'email', case when n % 2 = 0 then '2099-06-01Z'::timestamptz else '2026-01-01Z' end, 1 from generate_series(1, 20) n;
insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by, ended)
select 'm-' || s.seq, s.customer_id, 'm', case when s.seq % 4 = 0 then '2099-06-01Z'::timestamptz else '2026-01-01Z' end, '2027-01-01Z', 0, '{}', s.source || E'\\n' || s.id, s.seq, 1, 'rule',
       case when s.seq % 7 = 0 then 'served' end from signals s;
insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by, ended)
select 'p-' || s.seq, s.customer_id, 'reply', 'sales', case when s.seq % 4 = 0 then '2099-06-01Z'::timestamptz else '2026-01-01Z' end, '2027-01-01Z', jsonb_build_array('timer' || E'\\n' || 'x', s.source || E'\\n' || s.id),
       case when s.seq % 5 = 0 then 'kept' end from signals s`;

const within = <Row>({ pool }: Pick<Database, "pool">, schema: string, sql: string): Promise<Row[]> =>
  transaction(pool, async (db) => {
    await db.query(`set local search_path = "${schema}"`);
    return (await db.query<Row>(sql)).rows;
  });

async function oldStore(database: Database, schema: string): Promise<void> {
  await migrate(database, schema, { migrations: upTo(13) });
  await within(database, schema, OLD_STORE);
}

/** Every table, column, constraint, index, function and row of a schema, except times of the upgrade itself. */
async function contentsOf(database: Database, schema: string): Promise<Record<string, unknown>> {
  const ask = (sql: string) => within<Record<string, unknown>>(database, schema, sql);
  const bare = (name: string) => `replace(${name}, current_schema() || '.', '')`;
  const here = "current_schema()::regnamespace";
  const columns = await ask(
    "select table_name, ordinal_position, column_name, data_type, collation_name, column_default, is_nullable, generation_expression from information_schema.columns where table_schema = current_schema() order by 1, 2",
  );
  const indexes = await ask(`select ${bare("indexdef")} as is from pg_indexes where schemaname = current_schema() order by 1`);
  const constraints = await ask(
    `select conrelid::regclass::text as of, conname, ${bare("pg_get_constraintdef(oid)")} as is from pg_constraint where connamespace = ${here} order by 1, 2`,
  );
  const functions = await ask(`select proname, pg_get_function_sqlbody(oid) as is from pg_proc where pronamespace = ${here} order by 1`);
  const rows: Record<string, unknown> = {};
  for (const { table } of await ask(
    "select relname as table from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' order by 1",
  ))
    rows[String(table)] = await ask(
      `select to_jsonb(t) - '{applied_at,audit_id${table === "audit" ? ",at" : ""}}'::text[] as row from "${table}" t order by 1`,
    );
  return { columns, indexes, constraints, functions, rows };
}

/** What the store becomes without steps: every migration in one transaction. */
async function upgradedAtOnce(database: Database, schema: string): Promise<Record<string, unknown>> {
  await oldStore(database, schema);
  await transaction(database.pool, async (db) => {
    await db.query(`set local search_path = "${schema}"`);
    for (const migration of MIGRATIONS.filter(({ number }) => number > 13)) {
      for (const step of stepsWithCode(migration)) await runWhole(db, step);
      await db.query("insert into migrations (number, name) values ($1, $2)", [migration.number, migration.name]);
    }
  });
  return contentsOf(database, schema);
}

/** A pool whose session dies `after` so many statements from the first step on that it carries out: what was not committed is gone. */
function dying({ pool, kind }: Database, after: number): Database["pool"] {
  const mortal = Object.create(pool) as Database["pool"];
  mortal.connect = async () => {
    const client = await pool.connect();
    const query = client.query.bind(client) as (...given: readonly unknown[]) => Promise<unknown>;
    let left = Number.POSITIVE_INFINITY;
    const asked = async (...given: readonly unknown[]): Promise<unknown> => {
      if (left === Number.POSITIVE_INFINITY && String(given[0]).includes("insert into migration_steps")) left = after;
      if (left > 0) left--;
      else if (left === 0) {
        left = -1;
        await query("rollback");
        // What the end of a session does too, a little later.
        if (kind === "postgres") await query("select pg_advisory_unlock_all()");
      }
      if (left < 0) throw new Error("killed");
      return query(...given);
    };
    return new Proxy(client, {
      get(target, name) {
        const of = Reflect.get(target, name);
        return name === "query" ? asked : typeof of === "function" ? of.bind(target) : of;
      },
    });
  };
  return mortal;
}

const engines = [
  ...(testsEmbedded ? (["embedded"] as const) : []),
  ...(process.env.DATABASE_URL === undefined ? [] : (["postgres"] as const)),
];
describe.each(engines)("a store of migration 13 on %s", (engine) => {
  let database: Database;
  const id = randomUUID().slice(0, 8);
  beforeAll(async () => {
    const at = process.env.DATABASE_URL ?? "";
    database =
      engine === "embedded"
        ? await openDatabase({ now: Date.now, newId: randomUUID })
        : await openPostgres({ url: at, schema: `old_${id}`, temporary: true });
  });
  afterAll(async () => {
    for (const name of ["whole", "cut", "both", "late"]) await database.pool.query(`drop schema if exists "${name}_${id}" cascade`);
    await database.close();
  });

  test("killed again and again between its statements, it becomes what it becomes at once", async () => {
    const whole = await upgradedAtOnce(database, `whole_${id}`);
    const cut = `cut_${id}`;
    await oldStore(database, cut);
    const { alone, bytes } = await estimateUpgrade(database, cut, MIGRATIONS);
    expect(alone.map(({ migration, table }) => `${migration} ${table}`)).toEqual(["16 identities", "16 inbox_identities", "25 deliveries"]);
    expect(bytes).toBeGreaterThan(alone.reduce((sum, one) => sum + one.bytes, 0));
    const upgrade = (pool: Database["pool"]) =>
      migrate({ kind: database.kind, pool }, cut, { migrations: MIGRATIONS, batchRows: BATCH_ROWS });
    let kills = 0;
    for (let isDone = false; !isDone && kills < 1_000; ) {
      isDone = await upgrade(dying(database, (kills * 7) % 41)).then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toContain("killed");
          kills++;
          return false;
        },
      );
    }
    expect(kills).toBeGreaterThan(50);
    expect(await contentsOf(database, cut)).toEqual(whole);
  });

  // As many steps as these migrations had when they were carried out whole.
  test.each([
    [14, 1],
    [22, 1],
  ])("cut off by a version that carried migration %i out whole, it becomes the same", async (number, steps) => {
    const schema = `begun_${number}_${id}`;
    await oldStore(database, schema);
    await migrate(database, schema, { migrations: upTo(number - 1) });
    const { rows } = await contentsOf(database, schema);
    await transaction(database.pool, async (db) => {
      await db.query(`set local search_path = "${schema}"`);
      for (const step of stepsWithCode(MIGRATIONS.find((one) => one.number === number) as Migration)) await runWhole(db, step);
      await db.query(
        "insert into migration_steps (number, step, what, started_at, finished_at) select $1::int, n, 'old', now(), now() from generate_series(0, $2::int - 1) n",
        [number, steps],
      );
    });
    const done = (await contentsOf(database, schema)).rows as Record<string, unknown>;
    await migrate(database, schema, { migrations: upTo(number) });
    const { migrations, ...after } = (await contentsOf(database, schema)).rows as Record<string, unknown>;
    expect(after).toEqual({ ...done, migrations: undefined, migration_steps: [] });
    expect(migrations).not.toEqual((rows as Record<string, unknown>).migrations);
    await database.pool.query(`drop schema "${schema}" cascade`);
  });

  test("two that upgrade it at once do each part once", async () => {
    const both = `both_${id}`;
    await oldStore(database, both);
    const later = {
      ...{ number: 26, name: "counts" },
      sql: "alter table touches add column told int not null default 0;\n-- batches of touches t by touch_id\nupdate touches t set told = told + 1 where :batch",
    };
    await Promise.all([1, 2].map(() => migrate(database, both, { migrations: [...MIGRATIONS, later], batchRows: 3 })));
    expect(await within(database, both, "select distinct told from touches")).toEqual([{ told: 1 }]);
  });

  test("identities that a process of before migration 15 writes after its steps are compared as well", async () => {
    const late = `late_${id}`;
    await oldStore(database, late);
    await migrate(database, late, { migrations: upTo(15), batchRows: BATCH_ROWS });
    const said = "select * from opted_out_addresses order by 1, 2, 3";
    const before = await within(database, late, said);
    expect(before.length).toBeGreaterThan(5);
    await within(
      database,
      late,
      `insert into identities (customer_id, type, value, source, at, owned) values ('c-2', 'email', 'Late@x.example', 'crm', '2026-01-01Z', true), ('c-3', 'email', 'late@x.example', 'crm', '2026-01-01Z', true)`,
    );
    await migrate(database, late, { migrations: MIGRATIONS, batchRows: BATCH_ROWS });
    // What was said before is said of all holders, and not of their other addresses by saying it twice.
    expect(await within(database, late, said)).toEqual(before);
    const sql = "select customer_id, form, owned from identities where form like 'late@%' order by 1";
    expect(await within(database, late, sql)).toEqual([
      { customer_id: "c-2", form: "late@x.example", owned: false },
      { customer_id: "c-3", form: "late@x.example", owned: true },
    ]);
  });
});
