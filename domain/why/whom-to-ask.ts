import { competes, type Policy } from "../entities/policy.ts";
import type { Ask } from "./rung.ts";

/** A department with the queue in which its people work, where tasks of its experiences name one. */
export function askDepartment(policy: Policy, department: string | undefined, about: string): Ask {
  if (department === undefined) return { about };
  const queue = queueOf(policy, department);
  return { department, ...(queue === undefined ? {} : { queue }), about };
}

// --- internal ---

function queueOf({ experiences, channels }: Policy, department: string): string | undefined {
  const queues = experiences
    .filter((experience) => competes(experience) && experience.department === department)
    .flatMap(({ routes }) =>
      routes.flatMap(({ channel, queue }) => {
        const rule = channels[channel];
        return rule?.makesTask ? [queue ?? rule.queue ?? rule.name] : [];
      }),
    );
  return queues.find((queue) => !queue.includes("{")) ?? Object.values(channels).find(({ queue }) => queue === department)?.queue;
}
