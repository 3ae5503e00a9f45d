import type { ChannelRule } from "../domain/entities/policy.ts";
import type { ExperienceFile } from "./schema.ts";

/** How a change is put to the customer where the author has no question for it. */
export const DEFAULT_QUESTION = "Shall I do this?";

/** What cannot be said together with `converse`. */
export function problemsOfConversation(
  { transactional, action, channels }: ExperienceFile,
  known: Readonly<Record<string, ChannelRule>>,
): string[] {
  const problems: string[] = [];
  if (!transactional) problems.push("an answer to a message is transactional; expected transactional: true");
  if (action) problems.push("an experience that converses has tools instead of an action");
  for (const [channel, given] of Object.entries(channels)) {
    const kind = known[channel]?.kind;
    if (kind === "human" || kind === "webhook" || kind === "push") problems.push(`${channel} is a channel on which nobody converses`);
    if (typeof given.text !== "string" && typeof given.body !== "string") problems.push(`expected a text or body on ${channel}`);
    if (given.brief !== undefined) problems.push(`${channel} has a brief; the brief of converse is enough`);
  }
  return problems;
}
