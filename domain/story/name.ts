import type { JsonObject } from "../values/json.ts";

/** Traits that together name a person, as records of others call them. */
export const NAME_TRAITS = ["name", "firstName", "lastName"] as const;

/** The name of a customer for people: the trait `name`, or the first and last one. Nothing else is guessed. */
export function nameOf(traits: Readonly<Record<string, unknown>> | JsonObject): string | undefined {
  const [name, ...parts] = NAME_TRAITS.map((trait) => traits[trait]).map((one) => (typeof one === "string" ? one.trim() : ""));
  const said = name || parts.filter((part) => part !== "").join(" ");
  return said === "" ? undefined : said;
}
