import { type Acting, type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { readGiven } from "../../proposals/read-given.ts";
import { proposalText } from "../../proposals/views.ts";
import { proposing } from "../../proposals/with-proposals.ts";

interface Revise extends OnStore, Pick<Acting, "by">, Pick<Common, "json"> {
  readonly id: string;
  readonly file: string;
  readonly evals: readonly string[];
  readonly because: string | undefined;
  readonly evidence: readonly string[];
  readonly noRehearsal: boolean;
}

/** Replaces what an open proposal says; what is not given stays. */
export async function run({ id, file, evals, because, evidence, noRehearsal, json, by, ...on }: Revise, io: Io): Promise<number> {
  const request = {
    ...{ id, experience: readGiven(file), because },
    ...(evals.length > 0 ? { evals: evals.map(readGiven) } : {}),
    ...(evidence.length > 0 ? { evidence } : {}),
    ...(noRehearsal ? { rehearsal: false } : {}),
  };
  const revised = await proposing({ ...on, by, note: undefined }, io, (proposals, actor) => proposals.revise(request, actor));
  if (json) io.out(JSON.stringify(revised));
  else for (const line of proposalText(revised, io.paint)) io.out(line);
  return DONE;
}
