import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import { experienceOf, type Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";

/**
 * Tasks that a signal makes pointless: what they are for has been reached, or it closes every moment they were given for.
 * One that is done, or never was made, stays as it is.
 */
export function withdrawTasks({ type, time }: Signal, { deliveries }: Customer, policy: Policy): Change[] {
  const closed = policy.moments.filter(({ closes }) => closes.includes(type)).map(({ name }) => name);
  return deliveries
    .filter(({ channel, status, at }) => policy.channels[channel]?.makesTask && status === "sent" && at <= time)
    .filter(
      ({ experienceId, moments }) =>
        experienceOf(policy, experienceId)?.success?.signals.includes(type) === true || moments.every((name) => closed.includes(name)),
    )
    .map(({ deliveryId }) => ({ type: "task_withdrawn", deliveryId, at: time }));
}
