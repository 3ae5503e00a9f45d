import type { ConsoleUnderTest } from "./open-console.ts";

/** Continues the recorded story, so that there is work for people: a message that wants an answer, a proposal that wants a yes. */
export async function liven({ signal, settled }: Pick<ConsoleUnderTest, "signal" | "settled">): Promise<void> {
  await signal("message.received", "c-dana", { channel: "email", text: "Where do I send the second key? I still have it." });
  await signal("fleet.reviewed", "c-omar", { vans: 6 });
  await settled();
}

/** Makes every dialog of the pages possible: a channel is paused, timers are dead, the task is another's, an address bounced for good, two customers are merged. */
export async function bringUp({ ask, signal, settled: idle, service }: ConsoleUnderTest, task: string): Promise<void> {
  await ask("/v1/pause", { target: { scope: "channel", name: "sms" } });
  await ask(`/v1/tasks/${task}/claim`, { by: "ann" });
  const { decisions } = await ask<{ decisions: readonly { deliveries: readonly { deliveryId: string; channel: string }[] }[] }>(
    "/v1/decisions?customer=c-dana&limit=1000",
  );
  const mail = decisions.flatMap(({ deliveries }) => deliveries).find(({ channel }) => channel === "email");
  await signal("delivery.bounced", "c-dana", { deliveryId: mail?.deliveryId ?? "", permanent: true });
  await ask("/v1/customers/c-wen/merge", { into: "c-dana" });
  await idle();
  await service.store.database.pool.query(
    `insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at)
     select 'c-dana', n::text, 'clock.daily', now(), 5, '{"name": "TypeError", "message": "boom"}', now() from generate_series(1, 2) n`,
  );
}
