import { type Acting, DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { type Operate, withOperations } from "../operating.ts";
import { type Targets, targetsOf } from "../pause-targets.ts";
import { pauseLines } from "../views/operations.ts";

export async function run({ channel, department, agent, json, ...on }: Operate & Acting & Targets, io: Io): Promise<number> {
  const { changed, pauses } = await withOperations(on, io, async (operations, actor) => {
    const set = [];
    for (const target of targetsOf({ channel, department, agent })) set.push(await operations.pauses.pause({ target }, actor));
    return { changed: set.some((one) => one.changed), pauses: await operations.pauses.list({}) };
  });
  if (json) io.out(JSON.stringify({ changed, pauses }));
  else for (const line of pauseLines(pauses, io.paint)) io.out(line);
  if (!changed) io.note("it was paused already");
  return DONE;
}
