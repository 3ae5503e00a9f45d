import { policyOf } from "../../testing/policy.ts";
import type { TestService } from "../../testing/service.ts";
import { openTestService } from "../../testing/service.ts";

export const POLICY = policyOf(
  `
timezone: UTC
departments: [sales]
channels: {log: {kind: file, address: none}}
moments: {wants: {on: go, expires: 1h}}
governance: {review: 1h, caps: []}
`,
  ["id: plain\nserves: [wants]\nsuccess: {signal: bought, within: 1h}\nchannels: {log: {text: Hello}}"],
);

/** An embedded service with one real decision for each of `customers` customers. Its answers are not checked against their schemas, as in `serve`. */
export async function openDecided(customers: number): Promise<TestService> {
  const on = await openTestService(POLICY, { remove: async () => {} }, { checksAnswers: false });
  for (let n = 0; n < customers; n++) await on.signal("go", `c-${n}`);
  await on.settled();
  return on;
}

const REAL = "(select n.* from decisions n where n.customer_id = 'c-0' order by n.seq limit 1)";

/**
 * Copies a real decision, with its delivery and its touch, until there are so many. Their times are spread over the week before; one in
 * `share` belongs to `c-1`, the others to a thousand customers who have nothing else.
 */
export async function fill(on: TestService, decisions: number, share: number): Promise<void> {
  const numbers = `generate_series(1, ${decisions}) n`;
  const customer = `case when n % ${share} = 0 then 'c-1' else 'f-' || n % 1000 end`;
  const time = `d.decided_at - interval '7 days' + n * (interval '7 days' / ${decisions + 1})`;
  await on.rows(
    `insert into customers (customer_id, origin, created_at) select 'f-' || n, '{}', now() from generate_series(0, 999) n on conflict do nothing`,
  );
  await on.rows(
    `insert into decisions (decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record)
     select 'copy-' || n, d.run_id, ${customer}, ${time}, d.action, d.experience_id, d.channel,
            replace(replace(d.record::text, d.decision_id, 'copy-' || n), '"c-0"', '"' || ${customer} || '"')::json
       from ${REAL} d, ${numbers}`,
  );
  await on.rows(
    `insert into deliveries (delivery_id, decision_id, customer_id, experience_id, department, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen, content)
     select 'delivery-' || n, 'copy-' || n, ${customer}, v.experience_id, v.department, v.channel, 'sent', ${time}, ${time}, v.moments, v.expires_at, v.facts, v.frozen, v.content
       from ${REAL} d join deliveries v on v.decision_id = d.decision_id, ${numbers}`,
  );
  await on.rows(
    `insert into touches (touch_id, customer_id, at, kind, channel, department)
     select 'delivery-' || n, ${customer}, ${time}, 'delivery', 'log', 'sales' from ${REAL} d, ${numbers}`,
  );
  await on.rows("analyze");
}
