/** Leases on customers that one owner holds. */
export interface Held {
  readonly owner: string;
  readonly customerIds: readonly string[];
}

/** An instant so many milliseconds after now (SQL), by the database's clock. */
export const AFTER = (ms: string): string => `clock_timestamp() + ${ms} * interval '1 millisecond'`;

/** Holds leases for so long from now (SQL): 0 ends them. */
export const HOLD = (customers: string, owner: string, ms: string): string =>
  `update lanes set until = ${AFTER(ms)}, since = clock_timestamp() where customer_id = any(${customers}::text[]) and owner = ${owner}`;
