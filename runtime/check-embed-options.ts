import { z } from "zod";
import { SentientError } from "../domain/errors.ts";
import { aFunction } from "../domain/values/parse-by.ts";
import type { EmbedOptions } from "./embedded-runtime.ts";

/**
 * Throws `BAD_CONFIG` with every problem of the options of a program, which has not necessarily been compiled against their type: a
 * misspelt `dataDir` would keep the store in memory, and a `live` of `"false"` would send.
 */
export function checkEmbedOptions(options: EmbedOptions): void {
  const { success, error } = Options.safeParse(options);
  if (success) return;
  const problems = error.issues.map((issue) =>
    issue.code === "unrecognized_keys"
      ? `${issue.keys.join(", ")}: no such option; expected ${Object.keys(Options.shape).join(", ")}`
      : [...issue.path.map(String), issue.message].join(": "),
  );
  throw new SentientError("BAD_CONFIG", `createRuntime: ${problems.join("; ")}`);
}

// --- internal ---

const isVariables = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => text === undefined || typeof text === "string");
const isModel = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "ask" in value && typeof value.ask === "function";

const Options = z.strictObject(
  {
    workspace: z.string("expected the path of a folder").min(1, "expected the path of a folder"),
    dataDir: z.string("expected the path of a folder").min(1, "expected the path of a folder").optional(),
    environment: z.custom(isVariables, "expected an object of texts by name, like process.env").optional(),
    live: z.boolean("expected true or false").optional(),
    model: z.custom(isModel, "expected a model, like one of createScriptedModel").optional(),
    now: aFunction("gives the time in milliseconds").optional(),
    log: aFunction("takes a line").optional(),
  },
  "expected an object with workspace",
);
