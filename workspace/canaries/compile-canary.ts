import { createHash } from "node:crypto";
import type { Canary } from "../../domain/entities/canary.ts";
import { canonicalJson, isObject, type Json, type JsonObject } from "../../domain/values/json.ts";
import type { Report } from "../report.ts";
import { type ExperienceFile, USUAL_CANARY } from "../schema.ts";
import type { YamlFile } from "../yaml.ts";

/**
 * How an experience is tried; undefined where its status is another one. A block beside `status: approved` is a problem, as it would do
 * nothing; a draft may carry one for later.
 */
export function compileCanary({ status, canary }: ExperienceFile, yaml: YamlFile, report: Report): Canary | undefined {
  if (status === "approved" && canary)
    report.problem(
      yaml,
      ["canary"],
      "belongs to a canary, and this experience is approved for everybody; write status: canary, or take it out",
    );
  return status === "canary" ? { ...(canary ?? USUAL_CANARY), life: lifeOf(yaml) } : undefined;
}

// --- internal ---

/** A hash of what the author wrote outside `canary`, before variables: form and comments do not count. */
function lifeOf({ written }: YamlFile): string {
  const { canary: _, ...rest } = isObject(written) ? (written as JsonObject) : {};
  return createHash("sha256")
    .update(canonicalJson(rest as Json))
    .digest("base64url")
    .slice(0, 22);
}
