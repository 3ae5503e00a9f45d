import type { z } from "zod";
import type { WhyView } from "../../../operations/why/views.ts";
import { wayWords } from "../../values/messages.ts";
import { reasonWords } from "../../values/reasons.ts";
import { MASK } from "../../values/visible.ts";

export type Why = z.infer<typeof WhyView>;

/** The answer in a sentence. A person who may not see texts gets it without them: where it stopped, and by which code. */
export function sentenceOf({ answer, outcome, customerId, experienceId, stoppedAt, heldBy, rungs }: Why): string {
  if (answer !== MASK) return answer;
  const what = `${experienceId} ${DONE[outcome]} ${customerId}`;
  const rung = rungs.find(({ id }) => id === stoppedAt);
  if (!rung) return `${what}.`;
  const because = heldBy === undefined ? "" : ` (${heldBy.stage}: ${reasonWords(heldBy.code)})`;
  return `${what}. ${rung.question} ${rung.state === "waits" ? "Not yet" : "No"}${because}.`;
}

/** The person or department to ask, in a few words. */
export function askWords({ department, queue, person, about }: NonNullable<Why["ask"]>): string {
  const who = person ?? department;
  const where = queue === undefined ? "" : `, queue ${queue}`;
  return who === undefined ? about : `${who}${where}, about ${about}`;
}

export type Look = Why["looks"][number];

/** What won a decision: `it, variant short`, the rival, or `nothing`. */
export const wonWords = ({ verdict, winner, variant }: Pick<Look, "verdict" | "winner" | "variant">): string =>
  verdict === "chosen" ? ["it", wayWords({ variant })].filter(Boolean).join(", ") : (winner ?? "nothing");

/** The picture in a sentence: how far it came. The answer stands above the picture, and at its step in it. */
export function pictureSentence({ rungs, stoppedAt }: Pick<Why, "rungs" | "stoppedAt">): string {
  const place = rungs.findIndex(({ id }) => id === stoppedAt);
  const rung = rungs[place];
  if (!rung) return "Every step, from the catalogue to what came of it.";
  const verb = { no: "stopped", waits: "waits", unknown: "is uncertain", yes: "is", not_reached: "is" }[rung.state];
  return `It ${verb} at step ${place + 1} of ${rungs.length}.`;
}

// --- internal ---

const DONE = { went: "went to", held: "did not go to", waits: "has not gone yet to", unknown: "may have gone to" } as const;
