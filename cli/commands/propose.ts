import { type Acting, type Common, DONE, type OnStore } from "../command.ts";
import type { Io } from "../io.ts";
import { readGiven } from "../proposals/read-given.ts";
import { proposalText } from "../proposals/views.ts";
import { proposing } from "../proposals/with-proposals.ts";

interface Propose extends OnStore, Pick<Acting, "by">, Pick<Common, "json"> {
  readonly file: string;
  readonly evals: readonly string[];
  readonly because: string | undefined;
  readonly evidence: readonly string[];
  readonly noRehearsal: boolean;
}

/** Proposes an experience for another person to approve. */
export async function run({ file, evals, because, evidence, noRehearsal, json, by, ...on }: Propose, io: Io): Promise<number> {
  const request = {
    experience: readGiven(file),
    evals: evals.map(readGiven),
    because,
    evidence,
    ...(noRehearsal ? { rehearsal: false } : {}),
  };
  const proposed = await proposing({ ...on, by, note: undefined }, io, (proposals, actor) => proposals.propose(request, actor));
  if (json) io.out(JSON.stringify(proposed));
  else for (const line of proposalText(proposed, io.paint)) io.out(line);
  return DONE;
}
