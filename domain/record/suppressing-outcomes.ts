import type { OutcomeKind } from "../entities/customer.ts";
import { type ChannelRule, type Policy, type Suppression, standsFor } from "../entities/policy.ts";
import { entryOf } from "../values/json.ts";

/** A rule by which outcomes suppress. */
export type AfterOutcome = Extract<Suppression, { times: number }>;

/** Whether a channel that is asked is like one of these. */
export function isLikeOneOf(channels: readonly string[], channel: string, policy: Policy): boolean {
  const like = entryOf(policy.channels, channel)?.pull?.like;
  return like !== undefined && channels.includes(like);
}

/** What goes to a system of ours cannot be ignored by the customer. */
const isNote = (rule: ChannelRule | undefined): boolean => rule !== undefined && !rule.isTouch && !rule.makesTask && !rule.pull;

const OF_SHOWINGS: readonly OutcomeKind[] = ["ignored", "dismissed"];

/** What she left or put away where she came by herself says little about what reaches her elsewhere: only a rule that names the channel counts it. */
const isLeftAside = ({ channels = [], afterOutcome }: AfterOutcome, channel: string, policy: Policy): boolean =>
  OF_SHOWINGS.includes(afterOutcome) && !channels.includes(channel) && !isLikeOneOf(channels, channel, policy);

/** Whether outcomes on a channel count for a rule that looks beyond one experience. */
export function countsOn(rule: AfterOutcome, channel: string, policy: Policy): boolean {
  const from = entryOf(policy.channels, channel);
  if (from?.pull && isLeftAside(rule, channel, policy)) return false;
  return rule.scope === "channel" || rule.afterOutcome !== "ignored" || !isNote(from);
}

/** The channel that one counts as, where it is like another one. */
export const channelMeant = (name: string, { channels }: Policy): string => {
  const rule = entryOf(channels, name);
  return rule ? standsFor(rule) : name;
};
