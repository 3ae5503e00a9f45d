import type { Replaced, ReplacedByCanaries } from "../../domain/entities/canary.ts";
import type { Experience, Policy } from "../../domain/entities/policy.ts";
import { entryOf, isObject } from "../../domain/values/json.ts";
import { decodeText } from "../../domain/values/utf8.ts";
import type { CheckedFiles, WorkspaceFiles } from "../check-files.ts";
import { isYaml } from "../passed-over.ts";
import { describeProblem, type Problem } from "../problem.ts";
import { type PackedFiles, unpackFiles } from "../versions/version-files.ts";
import { readYaml } from "../yaml.ts";

/** A version that another one follows. */
export interface FollowedVersion {
  readonly policyVersion: string;
  readonly files: WorkspaceFiles;
  readonly replaced: ReplacedByCanaries;
}

/**
 * The approved experiences that the canaries among these files replace: of the version that they follow, or the ones that stayed there beside
 * a canary of the same id. So a canary that is edited while it is tried keeps what it replaced first.
 */
export function replacedIn(files: WorkspaceFiles, before: FollowedVersion | undefined): ReplacedByCanaries {
  const tried = [...writtenIn(files)].filter(([, { status }]) => status === "canary").map(([id]) => id);
  if (!before || tried.length === 0) return {};
  const known = writtenIn(before.files);
  return Object.fromEntries(
    tried.flatMap((id): [string, Replaced][] => {
      const { status, text = "" } = known.get(id) ?? {};
      if (status === "approved") return [[id, { policyVersion: before.policyVersion, text }]];
      const kept = status === "canary" && Object.hasOwn(before.replaced, id) ? before.replaced[id] : undefined;
      return kept ? [[id, kept]] : [];
    }),
  );
}

/** The same for a publication, which finds the version that it follows in its own transaction. */
export const replacedAfter =
  (files: WorkspaceFiles) =>
  (before: (Pick<FollowedVersion, "policyVersion" | "replaced"> & { readonly files: object }) | undefined): ReplacedByCanaries =>
    replacedIn(files, before && { ...before, files: unpackFiles(before.files as PackedFiles) }); // written by `packFiles`

/**
 * A compiled version with the experiences that stay beside its canaries: each is compiled in the place of its canary, with everything else of
 * the version as it is. One that no longer compiles there does not stay, and a note says why.
 */
export function withReplaced(
  checked: CheckedFiles,
  files: WorkspaceFiles,
  replaced: ReplacedByCanaries,
  check: (files: WorkspaceFiles) => CheckedFiles,
): CheckedFiles {
  if (!checked.ok) return checked;
  let { policy, notes } = checked;
  for (const one of checked.policy.experiences) {
    const kept = one.canary && Object.hasOwn(replaced, one.id) ? replaced[one.id] : undefined;
    if (!kept) continue;
    const old = check(new Map([...files, [one.source.file, Buffer.from(kept.text)]]));
    if (old.ok) policy = beside(policy, one, old.policy);
    else notes = [...notes, { file: one.source.file, path: "canary", message: doesNotStay(kept, old.problems) }];
  }
  return { ...checked, policy, notes };
}

/** The experiences that do not stay though they are replaced, with why. */
export const doNotStay = (checked: CheckedFiles): string[] =>
  checked.ok ? checked.notes.filter(({ message }) => message.startsWith(DOES_NOT_STAY)).map(describeProblem) : [];

// --- internal ---

interface Written {
  readonly status: string;
  readonly text: string;
}

/** The experiences of some files by id, as far as they say so without variables. */
function writtenIn(files: WorkspaceFiles): Map<string, Written> {
  const found = new Map<string, Written>();
  for (const [file, bytes] of files) {
    if (!file.startsWith("experiences/") || !isYaml(file)) continue;
    const read = decodeText(bytes);
    const yaml = read.ok ? readYaml(file, read.text, {}) : undefined;
    if (!read.ok || !yaml || !("written" in yaml) || !isObject(yaml.written)) continue;
    const { id, status = "approved" } = yaml.written;
    if (typeof id === "string" && typeof status === "string") found.set(id, { status, text: read.text });
  }
  return found;
}

const DOES_NOT_STAY = "what it replaces does not stay for the other customers";

function doesNotStay({ policyVersion }: Replaced, [first]: readonly Problem[]): string {
  const why = first ? `: ${first.path === undefined ? "" : `${first.path}: `}${first.message}` : "";
  return `${DOES_NOT_STAY}, who get nothing in its place: as approved in ${policyVersion.slice(0, 12)} it does not fit this version${why}`;
}

/** A policy with what stays beside a canary, which may look back further and listen to more. */
function beside(policy: Policy, tried: Experience, old: Policy): Policy {
  const stays = old.experiences.find(({ id }) => id === tried.id);
  if (!stays) return policy;
  const both = { ...tried, stays, learnsAs: `${tried.id}~${tried.canary?.life}` };
  const counted = { ...policy.counted };
  for (const [type, windows] of Object.entries(old.counted)) counted[type] = [...new Set([...(entryOf(counted, type) ?? []), ...windows])];
  return {
    ...policy,
    experiences: policy.experiences.map((one) => (one.id === tried.id ? both : one)),
    counted,
    touchWindow: Math.max(policy.touchWindow, old.touchWindow),
    listens: (type) => policy.listens(type) || old.listens(type),
  };
}
