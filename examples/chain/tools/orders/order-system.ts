import { type OutsideDeps, SentientError } from "sentient";

/**
 * Calls the shop's order system at `ORDERS_URL` (locally `stand-ins/orders.ts`). It processes each idempotency key once, so a call retried
 * after a crash orders nothing twice.
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

/** The path of a customer's resource. */
export const pathOf = (customerId: string, what: string): string => `/customers/${encodeURIComponent(customerId)}/${what}`;
