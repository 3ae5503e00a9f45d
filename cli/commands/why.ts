import { iso } from "../../domain/values/time.ts";
import { DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { type Operate, withLookUps } from "../operating.ts";
import { whyLines } from "../views/why.ts";

interface AskWhy extends Operate {
  readonly customer: string;
  readonly experience: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export async function run({ customer, experience, from, to, json, ...on }: AskWhy, io: Io): Promise<number> {
  const window = { from: from === undefined ? undefined : iso(from), to: to === undefined ? undefined : iso(to) };
  const why = await withLookUps(on, io, (lookUps) => lookUps.why.show({ customer, experience, ...window }));
  if (json) io.out(JSON.stringify(why));
  else for (const line of whyLines(why, io)) io.out(line);
  return DONE;
}
