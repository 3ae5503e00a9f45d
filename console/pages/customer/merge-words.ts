import type { Profile } from "../../../domain/record/profile.ts";
import { counted } from "../../values/numbers.ts";

/** The consequences of a merge, before it is done. */
export function mergeInWords(goes: Profile, stays: Profile): string[] {
  const known = new Map(stays.fields.map(({ path, value }) => [path, JSON.stringify(value)]));
  const differ = goes.fields
    .filter(({ path, value }) => known.has(path) && known.get(path) !== JSON.stringify(value))
    .map(({ path }) => path);
  const added = goes.fields.filter(({ path }) => !known.has(path));
  return [
    `${goes.customerId} becomes part of ${stays.customerId}; both source records stay, and splitting undoes it.`,
    `${counted(added.length, "field")} of ${goes.customerId} ${added.length === 1 ? "is" : "are"} added.`,
    differ.length === 0
      ? "No field is said differently by the two."
      : `${counted(differ.length, "field")} ${differ.length === 1 ? "is" : "are"} said differently, and the rules of the record choose: ${differ.slice(0, 8).join(", ")}${differ.length > 8 ? " and more" : ""}.`,
    `${counted(goes.promises.length, "open promise")} and ${counted(goes.touches.length, "contact")} count for ${stays.customerId} from then on.`,
    "A refusal of either holds for both. The customer is decided again at once.",
  ];
}
