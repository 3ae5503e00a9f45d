import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import type { Experience, Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";

/**
 * Withdraws tasks that a signal makes pointless: it is the success of their experience, or the signal closes all their moments. A completed or
 * missing task is unaffected.
 */
export function withdrawTasks(
  { type, time }: Signal,
  { deliveries }: Customer,
  policy: Policy,
  succeeded: readonly Pick<Experience, "id">[],
): Change[] {
  const closed = policy.moments.filter(({ closes }) => closes.includes(type)).map(({ name }) => name);
  return deliveries
    .filter(({ channel, status, at }) => policy.channels[channel]?.makesTask && status === "sent" && at <= time)
    .filter(
      ({ experienceId, moments }) => succeeded.some(({ id }) => id === experienceId) || moments.every((name) => closed.includes(name)),
    )
    .map(({ deliveryId }) => ({ type: "task_withdrawn", deliveryId, at: time }));
}
