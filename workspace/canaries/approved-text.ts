import { SentientError } from "../../domain/errors.ts";
import { readYaml } from "../yaml.ts";
import { withStatus } from "./with-status.ts";

/** The text of an experience with `status: approved` and without its block `canary`; everything else stays as its author wrote it. */
export function approvedText(text: string): string {
  const read = readYaml("", text, {});
  if ("problems" in read || (read.written as { readonly status?: unknown } | null)?.status === undefined)
    throw new SentientError("BAD_INPUT", "the experience has no status to change");
  return withStatus(text, "approved");
}
