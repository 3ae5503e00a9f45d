import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { reportLines, reportTable, spanOf } from "../../views/experiences.ts";

interface Report extends Operate {
  readonly id: string | undefined;
  readonly window: string | undefined;
}

/** One experience in full, or a line for each. */
export async function run({ id, window, json, ...on }: Report, io: Io): Promise<number> {
  const reports = await withLookUps(on, io, (lookUps) => lookUps.experiences.report({ experience: id, window }));
  const [first] = reports;
  if (json) io.out(JSON.stringify(id === undefined ? reports : first));
  else for (const line of id === undefined ? reportTable(reports, io.paint) : reports.flatMap((one) => reportLines(one, io))) io.out(line);
  if (id === undefined && first) io.note(`${spanOf(first)}; one in full: npx sentient experiences report ID`);
  return DONE;
}
