import { rehearse } from "./invented-rehearsals.ts";
import type { ConsoleUnderTest } from "./open-console.ts";

/** Continues the recorded story, so that an experience is tried on customers as of its first delivery, and so that there is work for people: a message that wants an answer, a proposal that wants a yes, a rehearsal that is done and one that goes on. */
export async function liven({
  ask,
  signal,
  settled,
  service,
}: Pick<ConsoleUnderTest, "ask" | "signal" | "settled" | "service">): Promise<void> {
  await tryOnAll("model-news", { ask, service });
  await proposeText("review-request", ask);
  await signal("message.received", "c-dana", { channel: "email", text: "Where do I send the second key? I still have it." });
  await signal("fleet.reviewed", "c-omar", { vans: 6 });
  await settled();
  await rehearse({ ask, settled });
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

// --- internal ---

const CANARY = `
status: canary
canary: {share: 100%, for: 365d, guards: [{outcome: complained, max: 0.5%}, {outcome: unsubscribed, max: 1%}, {success: below, of: others, by: 50%}]}
`;

/** Publishes a version in which an experience is a canary for everybody, whose deliveries so far were its own. */
async function tryOnAll(id: string, { ask, service }: Pick<ConsoleUnderTest, "ask" | "service">): Promise<void> {
  const { versions } = await ask<{ versions: readonly { policyVersion: string }[] }>("/v1/versions");
  const { files } = await ask<{ files: Readonly<Record<string, string>> }>(`/v1/versions/${versions[0]?.policyVersion}/files`);
  const file = `experiences/${id}.yaml`;
  const over = versions[0]?.policyVersion ?? "";
  await ask("/v1/versions", {
    files: { ...files, [file]: `${files[file]}${CANARY}` },
    over,
    by: "ada",
    note: "model news on everybody at first",
  });
  const { life = "" } = service.policy.experiences.find((one) => one.id === id)?.canary ?? {};
  const { pool } = service.store.database;
  await pool.query("update deliveries set canary = $1 where experience_id = $2", [life, id]);
  await pool.query(
    `insert into canaries (life, experience_id, started_at) select $1, $2, min(reserved_at) from deliveries where canary = $1
     on conflict (life) do update set started_at = excluded.started_at`,
    [life, id],
  );
}

/** Proposes another text for an experience, with a decision as evidence. */
async function proposeText(id: string, ask: ConsoleUnderTest["ask"]): Promise<void> {
  const { versions } = await ask<{ versions: readonly { policyVersion: string }[] }>("/v1/versions");
  const { files } = await ask<{ files: Readonly<Record<string, string>> }>(`/v1/versions/${versions[0]?.policyVersion}/files`);
  const { decisions } = await ask<{ decisions: readonly { decisionId: string }[] }>("/v1/decisions?customer=c-dana&limit=1&order=newest");
  await ask("/v1/proposals", {
    experience: {
      file: `${id}.yaml`,
      text: files[`experiences/${id}.yaml`]?.replace("A review helps others", "Your words help others") ?? "",
    },
    ...{ because: "three customers asked what a review is for", by: "kim" },
    evidence: decisions.map(({ decisionId }) => decisionId),
  });
}
