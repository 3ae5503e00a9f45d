import type { Policy } from "../../domain/entities/policy.ts";
import { entryOf } from "../../domain/values/json.ts";

/** What two policies count: a customer who is played under one keeps it for the other. */
export function bothCounted(one: Policy["counted"], other: Policy["counted"]): Policy["counted"] {
  const types = new Set([...Object.keys(one), ...Object.keys(other)]);
  const windows = (type: string): number[] => [...new Set([...(entryOf(one, type) ?? []), ...(entryOf(other, type) ?? [])])];
  return Object.fromEntries([...types].map((type) => [type, windows(type).sort((a, b) => a - b)]));
}
