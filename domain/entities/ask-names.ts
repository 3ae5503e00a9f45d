import { cutShort } from "../values/cut.ts";
import { entryOf } from "../values/json.ts";
import type { AskBody } from "./ask.ts";
import { competes, experienceOf, type Policy } from "./policy.ts";

/** The channel, place or experience that an ask names and the policy does not have, in words; undefined where it has them all. */
export function unknownInAsk(
  { channel, places = [], experience }: Pick<AskBody, "channel" | "places" | "experience">,
  policy: Policy,
): string | undefined {
  const pull = entryOf(policy.channels, channel)?.pull;
  if (!pull) {
    const known = Object.values(policy.channels).flatMap((rule) => (rule.pull ? [rule.name] : []));
    const expected = known.length > 0 ? `expected one of ${known.join(", ")}` : "the workspace has no channel of kind pull";
    return `channel: ${cutShort(channel, 60)} is no channel that can be asked; ${expected}`;
  }
  const place = places.find((one) => !pull.places.includes(one));
  if (place !== undefined) return `places: ${channel} has no place ${cutShort(place, 60)}; expected ${pull.places.join(", ")}`;
  const known = experience === undefined ? undefined : experienceOf(policy, experience);
  if (experience === undefined || (known && competes(known))) return undefined;
  return `experience: there is no approved experience ${cutShort(experience, 60)}`;
}
