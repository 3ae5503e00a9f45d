import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withLookUps } from "../../operating.ts";
import { outcomeLines } from "../../views/experiences.ts";
import { showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

interface List extends Operate, Listing {
  readonly experience: string | undefined;
}

export async function run({ customer, limit, experience, json, ...on }: List, io: Io): Promise<number> {
  const page = { ...pageOf({ customer, limit }), experience };
  const listed = await withLookUps(on, io, (lookUps) => lookUps.outcomes.list(page));
  const none = await whyEmpty(listed, { customer, experience }, "no outcomes yet", on, io);
  showList(listed, outcomeLines, none, json, io, limit);
  return DONE;
}
