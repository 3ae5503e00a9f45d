import { type OutsideDeps, SentientError } from "sentient";

/**
 * Asks the shop's order system: `ORDERS_URL`, on this machine `stand-ins/orders.ts`. It does each thing once for each
 * idempotency key, so that a call that is made again after a crash orders nothing twice.
 */
export async function askOrderSystem(path: string, body: object | undefined, { signal, idempotencyKey }: OutsideDeps): Promise<unknown> {
  const base = process.env.ORDERS_URL;
  if (!base) throw new SentientError("BAD_CONFIG", "ORDERS_URL is not set; it says where the order system answers");
  const response = await fetch(`${base}${path}`, {
    method: body ? "POST" : "GET",
    headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
    signal,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new SentientError("UPSTREAM_FAILED", `the order system answered ${response.status}`);
  return response.json();
}

/** The path of what belongs to a customer. */
export const pathOf = (customerId: string, what: string): string => `/customers/${encodeURIComponent(customerId)}/${what}`;
