import type { OwnRecord } from "../../domain/entities/customer.ts";
import { ownRecord } from "../../domain/record/merge.ts";
import { toTime } from "../reading/load-customers.ts";
import type { CustomerCommit } from "./customer-commit.ts";

/** The customer's own row as a commit writes it; null for what does not change. */
export function customerRow({ before, after, importHash }: CustomerCommit) {
  const own = ownRecord(before, after);
  const changed = <K extends keyof OwnRecord>(key: K) => (after[key] === before[key] ? null : own[key]);
  return {
    customer_id: before.customerId,
    version: before.version,
    origin: after.origin,
    claims: changed("claims"),
    seen: changed("seen"),
    openings: changed("openings"),
    standing: after.standing ?? null,
    stage: after.stage === before.stage ? null : after.stage,
    left_out: after.leftOut === before.leftOut ? null : after.leftOut,
    import_hash: importHash ?? null,
    created_at: toTime(after.origin.at),
  };
}

/** Inserts customers that are not there yet (SQL, the part of a `with`); `inserted` are their ids. */
export const INSERT_CUSTOMERS = (list: string): string => `inserted as (
  insert into customers (customer_id, origin, claims, seen, openings, standing, stage, left_out, import_hash, created_at)
  select x.customer_id, x.origin, coalesce(x.claims, '{}'), coalesce(x.seen, '{}'), coalesce(x.openings, '{}'), x.standing, x.stage, x.left_out, x.import_hash, x.created_at
    from jsonb_to_recordset(${list}::jsonb) as x(customer_id text, origin jsonb, claims jsonb, seen jsonb, openings jsonb, standing jsonb, stage jsonb, left_out jsonb, import_hash text, created_at timestamptz)
   order by x.customer_id collate "C"
  on conflict (customer_id) do nothing
  returning customer_id
)`;

/**
 * Updates customers whose version is that of the list (SQL, parts of a `with`); `updated` are their ids. Rows are locked in the order of
 * ids first, so batches that share customers wait for each other and never deadlock.
 */
export const UPDATE_CUSTOMERS = (list: string): string => `changed as materialized (
  select * from jsonb_to_recordset(${list}::jsonb) as x(customer_id text, version bigint, claims jsonb, seen jsonb, openings jsonb, standing jsonb, stage jsonb, left_out jsonb, import_hash text)
), held as materialized (
  select x.* from customers c join changed x on x.customer_id = c.customer_id where c.version = x.version order by c.customer_id for update of c
), updated as (
  update customers c
     set version = c.version + 1, claims = coalesce(x.claims, c.claims), seen = coalesce(x.seen, c.seen),
         openings = coalesce(x.openings, c.openings), standing = x.standing, stage = coalesce(x.stage, c.stage), left_out = coalesce(x.left_out, c.left_out), import_hash = coalesce(x.import_hash, c.import_hash)
    from held x
   where c.customer_id = x.customer_id
  returning c.customer_id
)`;
