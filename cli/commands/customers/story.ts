import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { storyLines } from "../../views/people.ts";

interface Story extends Operate, Pick<Listing, "limit"> {
  readonly id: string;
  readonly alone: boolean;
}

export async function run({ id, alone, limit, json, ...on }: Story, io: Io): Promise<number> {
  const story = await withLookUps(on, io, ({ customers }) => customers.story({ id, limit, ghosts: alone }));
  if (json) io.out(JSON.stringify(story));
  else for (const line of storyLines(story, io)) io.out(line);
  return DONE;
}
