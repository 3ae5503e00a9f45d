import { expect, test } from "vitest";
import { readMigrations } from "./migrate.ts";
import { indexedBy, type Step, stepsOf } from "./steps.ts";

const steps = (sql: string): Step[] => stepsOf({ name: "a-test", sql });
const kinds = (sql: string) => steps(sql).map(({ kind, contracts }) => (contracts ? `${kind} later` : kind));

test("statements are carried out together, and each index of a table that is already there by itself", () => {
  expect(
    steps(`
      -- Why; with a semicolon.
      alter table deliveries add column note text default 'a;b';
      create table fresh (id text primary key);
      create index fresh_by_id on fresh (id);
      create unique index deliveries_by_note on deliveries (customer_id, note desc) where note is not null;
      drop index deliveries_old;
      update fresh set id = '1';
    `),
  ).toEqual([
    {
      kind: "statements",
      sql: expect.stringMatching(/^alter table.*'a;b';\ncreate table fresh.*;\ncreate index fresh_by_id on fresh \(id\)$/s),
      contracts: false,
    },
    {
      ...{ kind: "build_index", table: "deliveries", index: "deliveries_by_note", contracts: false },
      sql: "create unique index deliveries_by_note on deliveries (customer_id, note desc) where note is not null",
    },
    { kind: "drop_index", index: "deliveries_old", sql: "drop index deliveries_old", contracts: false },
    { kind: "statements", sql: "update fresh set id = '1'", contracts: false },
  ]);
});

test("a statement with a key runs in batches, and what follows `-- contract` waits", () => {
  const sql = `
    -- batches of moments m by customer_id, moment_id
    update moments m set opened_on = 'x' where :batch and opened_on = '';
    -- contract: the version before writes it
    alter table moments drop column old;
    create index moments_on on moments (opened_on);`;
  expect(kinds(sql)).toEqual(["batches", "statements later", "build_index later"]);
  expect(steps(sql)[0]).toMatchObject({ table: "moments", alias: "m", key: ["customer_id", "moment_id"] });
});

test("what cannot be parted is a step of its own with its table and why; what few rows change says so", () => {
  const sql = `
    create table fresh (id text);
    -- alone with moments: the table is written again, and all others wait
    alter table moments add column on_off boolean;
    alter table moments add column more text;
    -- batches of moments m by moment_id; few are written
    update moments m set more = 'x' where :batch and more is null`;
  expect(kinds(sql)).toEqual(["statements", "statements", "statements", "batches"]);
  expect(steps(sql)[1]?.alone).toEqual({ table: "moments", why: "the table is written again, and all others wait" });
  expect(steps(sql).map(({ few }) => few)).toEqual([undefined, undefined, undefined, true]);
});

test("a statement in batches without its condition is an error that names the migration", () => {
  expect(() => steps("-- batches of moments m by moment_id\nupdate moments m set opened_on = 'x'")).toThrow(
    "migration a-test: a statement in batches needs :batch in its condition",
  );
});

test("bodies of functions, quoted texts and comments hide their semicolons", () => {
  const body = "do $$ begin perform 1; perform 2; end $$";
  expect(steps(`${body};\n-- a; comment\nselect ';', "a;b"; `)).toEqual([
    { kind: "statements", sql: `${body};\nselect ';', "a;b"`, contracts: false },
  ]);
});

test("the columns of an index are read from its statement", () => {
  expect(indexedBy("create index i on tasks ((state not in ('open', 'claimed')), (case when a then ms(due) end), task_id desc)")).toEqual([
    "(state not in ('open', 'claimed'))",
    "(case when a then ms(due) end)",
    "task_id desc",
  ]);
  expect(indexedBy("create index i on decisions using brin (decided_at) with (pages_per_range = 16)")).toEqual(["decided_at"]);
});

test("every migration has steps, and no index is built inside of a transaction on a table that may be full", () => {
  for (const migration of readMigrations()) {
    const made = stepsOf(migration);
    expect(made.length).toBeGreaterThan(0);
    const created = new Set(made.flatMap(({ sql }) => [...sql.matchAll(/create (?:unlogged )?table (\w+)/g)].map(([, table]) => table)));
    const inside = made
      .filter(({ kind }) => kind === "statements")
      .flatMap(({ sql }) => [...sql.matchAll(/create (?:unique )?index \w+ on (\w+)/g)].map(([, table]) => table));
    expect([migration.name, inside.filter((table) => !created.has(table))]).toEqual([migration.name, []]);
  }
});
