import { answerFields, type ChannelRule, isTransactional } from "../domain/entities/policy.ts";
import { entryOf } from "../domain/values/json.ts";
import type { ExperienceFile } from "./schema.ts";
import { spreadContent } from "./variants/spread-content.ts";

/** Confirmation question for tools where the author gives none. */
export const DEFAULT_QUESTION = "Shall I do this?";

/** Problems of settings that cannot be combined with `converse`. */
export function problemsOfConversation(
  { transactional, action, channels }: ExperienceFile,
  known: Readonly<Record<string, ChannelRule>>,
): string[] {
  const problems: string[] = [];
  if (!isTransactional({ outside: transactional })) problems.push("an answer to a message is transactional; expected transactional: true");
  if (action) problems.push("an experience that converses has tools instead of an action");
  for (const [channel, whole] of Object.entries(channels)) {
    for (const { given } of spreadContent(whole, []).contents) {
      problems.push(...problemsOfAnswer(channel, given, entryOf(known, channel)));
      if (given.brief !== undefined) problems.push(`${channel} has a brief; the brief of converse is enough`);
    }
  }
  return [...new Set(problems)];
}

// --- internal ---

function problemsOfAnswer(channel: string, given: Readonly<Record<string, unknown>>, rule: ChannelRule | undefined): string[] {
  if (!rule) return [];
  const fields = answerFields(rule);
  if (fields.length === 0) return [`${channel} does not support conversations`];
  return fields.some((field) => typeof given[field] === "string") ? [] : [`expected a ${fields.join(" or ")} on ${channel}`];
}
