import { SentientError } from "../../domain/errors.ts";
import type { OperationDeps } from "../deps.ts";
import type { Of } from "../operation.ts";
import type { HoldingsView } from "./views.ts";

/** How many rows each table holds about a person, under all of their ids: what an export contains and an erasure removes. */
export async function showHoldings({ id }: Of, { store }: Pick<OperationDeps, "store">): Promise<HoldingsView> {
  const ids = await store.links.group(id);
  const tables = Object.entries(await store.people.counts(ids)).map(([table, rows]) => ({ table, rows }));
  if (tables.length === 0) throw new SentientError("NOT_FOUND", `no customer ${id} in the store; nothing is held under that id`);
  const [customerId = id, ...others] = ids;
  return {
    customerId,
    ...(others.length > 0 ? { alsoKnownAs: others } : {}),
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    tables,
  };
}
