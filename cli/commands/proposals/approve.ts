import type { ApproveRequest } from "../../../operations/proposals/answer-proposal.ts";
import { type Acting, type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withProposals } from "../../proposals/with-proposals.ts";
import { shortId } from "../../views/operations.ts";

interface Approve extends OnStore, Pick<Acting, "by">, Pick<Common, "json"> {
  readonly id: string;
  readonly hash: string;
  readonly status: ApproveRequest["status"];
}

/** Publishes a version with a proposal in it. */
export async function run({ id, hash, status, json, by, ...on }: Approve, io: Io): Promise<number> {
  const approved = await withProposals({ ...on, by, note: undefined }, io, (proposals, actor) =>
    proposals.approve({ id, hash, status }, actor),
  );
  const { experienceId, changed, answeredBy, policyVersion = "", publishedAs } = approved;
  if (json) io.out(JSON.stringify(approved));
  else
    io.out(
      `${io.paint.green("✓")} ${experienceId} ${changed ? "is" : "was already"} approved by ${answeredBy}, and published as ${publishedAs} in ${shortId(policyVersion)}`,
    );
  return DONE;
}
