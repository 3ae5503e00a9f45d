import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { Supposed } from "../domain/record/suppose.ts";
import { type Instant, parseInstant } from "../domain/values/time.ts";
import { triedIn } from "../engine/canaries/canary-watch.ts";
import { considerAgain, type WhatIf } from "../engine/considering/consider-again.ts";
import { type VersionDeps, versionOf } from "../operations/versions/versions.ts";
import type { Store } from "../store/store.ts";
import { type PackedFiles, unpackFiles } from "../workspace/versions/version-files.ts";
import { createRuntime, type RuntimeOptions } from "./create-runtime.ts";

/** What is otherwise, as people ask for it. */
export interface WhatIfRequest {
  readonly set?: Supposed | undefined;
  /** ISO 8601. */
  readonly at?: string | undefined;
  /** A version of the workspace that the store keeps, or a beginning of 8. */
  readonly policy?: string | undefined;
  /** An experience whose candidate stays whole in the answer. */
  readonly whole?: string | undefined;
  /** Whether the answer has it as a case of golden decisions, masked or as it is. */
  readonly keep?: "masked" | "personal" | undefined;
}

interface WhatIfPlace extends Pick<RuntimeOptions, "policy" | "tools" | "now"> {
  readonly store: Store;
  /** Compiles a version; without it only the policy of this process is known. */
  readonly compile?: VersionDeps["compile"] | undefined;
}

/**
 * Answers what-if questions about decisions of a store, one after the other: each plays the customer's signals in a store in memory.
 */
export function createWhatIf({ store, policy, tools = [], now, compile }: WhatIfPlace) {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const policyOf = async (version: string, at?: Instant): Promise<Policy | undefined> => {
    // What stays beside a canary follows from when the version was put in force.
    if (version === policy.version && (at === undefined || !compile || triedIn(policy).length === 0)) return policy;
    const files = await store.versions.files(version);
    const checked = files && compile?.(unpackFiles(files as PackedFiles), await store.versions.replaced(version, at)); // written by `packFiles`
    if (checked === undefined && version === policy.version) return policy;
    return checked?.ok === true ? checked.policy : undefined;
  };
  return async (decision: Decision, { set, at, policy: version, whole, keep }: WhatIfRequest, other?: Policy): Promise<WhatIf> => {
    const under = other ?? (version === undefined ? undefined : await versionNamed(version, policyOf, store));
    if (waiting >= MOST_WAITING) throw new SentientError("OVERLOADED", `${waiting} questions are waiting; ask again in a minute`);
    waiting++;
    const answer = last.then(() =>
      considerAgain(
        decision,
        { set, at: at === undefined ? undefined : instantIn(at), under, whole, keep },
        { source: store, policyOf, open: (own) => createRuntime({ policy: own, tools, live: false, now }) },
      ),
    );
    last = answer.catch(() => {}).finally(() => waiting--);
    return answer;
  };
}

// --- internal ---

const MOST_WAITING = 20;

function instantIn(text: string): number {
  const at = parseInstant(text);
  if (at === undefined) throw new SentientError("BAD_INPUT", `at: ${text} is no time; expected one such as 2026-06-01T15:00:00Z`);
  return at;
}

async function versionNamed(id: string, policyOf: (version: string) => Promise<Policy | undefined>, store: Store): Promise<Policy> {
  const whole = await versionOf(id, { store }, "policy: ");
  const policy = await policyOf(whole);
  if (policy) return policy;
  throw new SentientError("CONFLICT", `policy: ${whole.slice(0, 12)} needs code or variables that this process does not have`, {
    reason: "version_gone",
  });
}
