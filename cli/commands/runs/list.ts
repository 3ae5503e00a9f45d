import { isObject } from "../../../domain/values/json.ts";
import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withLookUps } from "../../operating.ts";
import { minuteOf } from "../../views/decision-line.ts";
import { noteIfCut } from "../../views/operations.ts";
import { table } from "../../views/table.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, json, ...on }: Operate & Listing, io: Io): Promise<number> {
  const runs = await withLookUps(on, io, (lookUps) => lookUps.runs.list(pageOf({ customer, limit })));
  if (json) for (const one of runs) io.out(JSON.stringify(one));
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
  if (runs.length === 0) io.note(await whyEmpty(runs, { customer }, "no runs yet", on, io));
  noteIfCut(runs.length, limit, io);
  return DONE;
}
