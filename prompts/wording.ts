import { createHash } from "node:crypto";
import { z } from "zod";
import type { Prompt } from "./prompt.ts";

/** Fingerprint of a prompt: version, and hash of its text with the sample variables. */
export interface Wording {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
}

export function wordingOf<Variables, Value>(prompt: Prompt<Variables, Value>): Wording {
  const { name, version, system, user, sample, answer, maxTokens } = prompt;
  const said = JSON.stringify({ system, user: user(sample), maxTokens, answer: z.toJSONSchema(answer, { io: "input" }) });
  return { name, version, hash: createHash("sha256").update(said).digest("hex").slice(0, 16) };
}
