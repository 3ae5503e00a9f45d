import type { z } from "zod";

/** What a schema expected, in words, for schemas that do not say it themselves; undefined for the rest. Given to `safeParse` as `error`. */
export function issueWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "too_big":
      return `expected ${amount(issue.origin, "at most", issue.maximum)}`;
    case "too_small":
      return issue.origin === "string" && Number(issue.minimum) === 1
        ? "expected a text, not an empty one"
        : `expected ${amount(issue.origin, "at least", issue.minimum)}`;
    case "invalid_value":
      return `expected ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      return `expected ${TYPES[issue.expected] ?? issue.expected}${issue.input === undefined ? ", which is missing" : ""}`;
    case "unrecognized_keys":
      return `nothing is called ${issue.keys.join(", ")} here`;
    default:
      return undefined;
  }
}

// --- internal ---

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
};

function amount(origin: string, bound: string, count: number | bigint): string {
  const unit = { string: " characters", array: " entries", set: " entries" }[origin] ?? "";
  return `${bound} ${count.toLocaleString("en-US")}${unit}`;
}
