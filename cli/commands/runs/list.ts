import { isObject } from "../../../domain/values/json.ts";
import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";
import { minuteOf } from "../../views/decision-line.ts";
import { table } from "../../views/table.ts";
import { customerOption, limitOf } from "../../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const runs = await look.runs({ ...customerOption(args), limit: limitOf(args) });
      if (args.options.json === true) for (const run of runs) io.out(JSON.stringify(run));
      else {
        const rows = runs.map(({ runId, startedAt, customerId, wake, status, action = "", experienceId = "" }) => [
          io.paint.dim(runId.slice(0, 10)),
          minuteOf(startedAt),
          customerId,
          isObject(wake) ? String(wake.type ?? wake.name ?? "") : "",
          status,
          `${action} ${experienceId}`.trim(),
        ]);
        for (const line of table(rows)) io.out(line);
      }
      if (runs.length === 0) io.note("no runs yet");
      return DONE;
    }),
};
