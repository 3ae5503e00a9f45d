import { type Acting, type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withProposals } from "../../proposals/with-proposals.ts";
import { shortId } from "../../views/operations.ts";

interface Reject extends OnStore, Pick<Acting, "by">, Pick<Common, "json"> {
  readonly id: string;
  readonly because: string | undefined;
}

export async function run({ id, because, json, by, ...on }: Reject, io: Io): Promise<number> {
  const rejected = await withProposals({ ...on, by, note: undefined }, io, (proposals, actor) => proposals.reject({ id, because }, actor));
  const { proposalId, experienceId, changed, answeredBy } = rejected;
  if (json) io.out(JSON.stringify(rejected));
  else io.out(`${shortId(proposalId)} ${changed ? "is" : "was already"} rejected by ${answeredBy}: ${experienceId}`);
  return DONE;
}
