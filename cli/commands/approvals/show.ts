import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { shownApprovalLines } from "../../views/rendered.ts";

/** Shows what an approval is about. */
export async function run({ id, json, ...on }: Operate & { readonly id: string }, io: Io): Promise<number> {
  const approval = await withLookUps(on, io, (lookUps) => lookUps.approvals.show({ id }));
  if (json) io.out(JSON.stringify(approval));
  else for (const line of shownApprovalLines(approval, io)) io.out(line);
  return DONE;
}
