import { type Command, DONE } from "../command.ts";
import { operateAndRelease } from "../operating.ts";
import { targetsOf } from "../pause-targets.ts";
import { pauseLines, showOperated } from "../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const operated = await operateAndRelease(args, io, async (operations, actor) => {
      const ended = [];
      for (const target of targetsOf(args)) ended.push(await operations.pauses.resume(target, actor));
      return {
        changed: ended.some(({ changed }) => changed),
        wakes: [...new Set(ended.flatMap(({ wakes }) => wakes))],
        pauses: await operations.pauses.list(),
      };
    });
    const { result, judged, ...rest } = operated;
    const released = "handedOver" in rest ? { handedOver: rest.handedOver, tooLate: rest.tooLate } : {};
    const sentence = result.changed ? "resumed" : "it was not paused";
    const judgedFor = result.wakes.length === 0 ? "nothing" : judged;
    showOperated(
      { result: { ...result, ...released }, decisions: rest.decisions, judged: judgedFor },
      sentence,
      args.options.json === true,
      io,
    );
    if (args.options.json !== true) for (const line of pauseLines(result.pauses, io.paint)) io.out(`still ${line}`);
    return DONE;
  },
};
