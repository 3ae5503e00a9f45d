import type { NewTask } from "../domain/entities/change.ts";
import type { ChannelRule } from "../domain/entities/policy.ts";
import { idFrom } from "../domain/entities/wake.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { DAY, type Instant, parseDuration } from "../domain/values/time.ts";
import type { KeptDelivery } from "../store/store.ts";

/** The task of a delivery on a channel that makes tasks, for the people of its queue. */
export function taskOfDelivery(
  { deliveryId, at, content = {}, facts }: Pick<KeptDelivery, "deliveryId" | "at" | "content" | "facts">,
  rule: Pick<ChannelRule, "name" | "queue">,
  now: Instant,
): NewTask {
  const { summary, queue, dueIn } = content;
  return {
    taskId: idFrom("t", "delivery", deliveryId),
    queue: typeof queue === "string" ? queue : (rule.queue ?? rule.name),
    summary: String(summary ?? ""),
    due: at + (typeof dueIn === "string" ? (parseDuration(dueIn) ?? DAY) : DAY),
    at: now,
    facts: facts as JsonObject,
    deliveryId,
  };
}
