import type { Profile } from "../../../domain/record/profile.ts";

/** The name of a customer, as the server names them: the trait `name`, or the first and last one. */
export function nameIn({ fields }: Pick<Profile, "fields">): string | undefined {
  const [name, first, last] = ["name", "firstName", "lastName"].map((trait) => {
    const value = fields.find(({ path }) => path === trait)?.value;
    return typeof value === "string" ? value.trim() : "";
  });
  return name || [first, last].filter(Boolean).join(" ") || undefined;
}
