import { seededRandom } from "../../domain/values/random.ts";
import { CARRIERS } from "./carriers.ts";
import type { Goal } from "./goal.ts";
import type { Attack } from "./rounds.ts";
import { TASKS, type Task } from "./tasks.ts";
import type { Wording } from "./wordings.ts";

/** Every task without an attack. */
export const unattacked = (): Attack[] => TASKS.map((task) => ({ task }));

/**
 * One round per injection: each task meets it by another carrier, and over the rounds each carrier meets every task. Goals rotate, so that
 * each is ordered in several wordings.
 */
export function planRounds(wordings: readonly Wording[], goals: readonly Goal[], seed: string, tasks: readonly Task[] = TASKS): Attack[][] {
  const carriers = Object.keys(CARRIERS);
  const random = seededRandom(`attacks:${seed}`);
  const [firstGoal, firstCarrier] = [Math.floor(random() * goals.length), Math.floor(random() * carriers.length)];
  return wordings.map((wording, round) => {
    const goal = goals[(firstGoal + round) % goals.length] as Goal; // there are some
    return tasks.map((task, number) => ({
      task,
      carrier: carriers[(firstCarrier + round + number * 7) % carriers.length] as string,
      injection: { goal, wording },
    }));
  });
}
