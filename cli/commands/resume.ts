import { DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { type OperateAndJudge, operateAndRelease } from "../operating.ts";
import { type Targets, targetsOf } from "../pause-targets.ts";
import { pauseLines, showOperated } from "../views/operations.ts";

export async function run({ channel, department, agent, json, ...on }: OperateAndJudge & Targets, io: Io): Promise<number> {
  const operated = await operateAndRelease(on, io, async (operations, actor) => {
    const ended = [];
    for (const target of targetsOf({ channel, department, agent })) ended.push(await operations.pauses.resume({ target }, actor));
    return {
      changed: ended.some(({ changed }) => changed),
      wakes: [...new Set(ended.flatMap(({ wakes }) => wakes))],
      pauses: await operations.pauses.list({}),
    };
  });
  const { result, judged, ...rest } = operated;
  const released = "handedOver" in rest ? { handedOver: rest.handedOver, tooLate: rest.tooLate } : {};
  const sentence = result.changed ? "resumed" : "it was not paused";
  const judgedFor = result.wakes.length === 0 ? "nothing" : judged;
  showOperated({ result: { ...result, ...released }, decisions: rest.decisions, judged: judgedFor }, sentence, json, io);
  if (!json) for (const line of pauseLines(result.pauses, io.paint)) io.out(`still ${line}`);
  return DONE;
}
