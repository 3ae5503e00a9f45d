import type { ConsoleUnderTest } from "./open-console.ts";

/** Fills a list: copies of the latest decision, each with an id of its own and a second later than the one before. */
export const copyDecisions = ({ service }: Pick<ConsoleUnderTest, "service">, count: number, name = "copy"): Promise<unknown> =>
  service.store.database.pool.query(
    `insert into decisions (decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record)
     select id, run_id, customer_id, at, action, experience_id, channel,
            (record::jsonb || jsonb_build_object('decisionId', id, 'decidedAt', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))::json
       from (select *, $1 || '-' || n as id, decided_at + n * interval '1 second' as at
               from (select * from decisions order by seq desc limit 1) latest, generate_series(1, $2::int) n order by n) copies`,
    [name, count],
  );
