import { createHash } from "node:crypto";
import { basename } from "node:path";
import { decodeText } from "../../domain/values/utf8.ts";
import { type GivenStatus, withStatus } from "../canaries/with-status.ts";
import type { WorkspaceFiles } from "../check-files.ts";
import { isYaml } from "../passed-over.ts";
import { inOrder } from "../versions/version-files.ts";
import { experienceIdIn, type ReadProposal, suiteNameIn } from "./read-proposal.ts";

/** A file of the version that a proposal adds or replaces. */
export interface PlacedFile {
  readonly file: string;
  /** As it will go. */
  readonly text: string;
  /** In force; missing where it is new. */
  readonly before?: string;
}

/** A version with a proposal in it. */
export interface PlacedProposal {
  readonly files: WorkspaceFiles;
  readonly experience: PlacedFile;
  readonly evals: readonly PlacedFile[];
  /** What was in force at each place, by a name for people: a hash, or null for nothing. */
  readonly over: Readonly<Record<string, string | null>>;
}

/**
 * Puts a proposal into the files of a version. An experience whose id is there is replaced where it is; a new one becomes
 * `experiences/ID.yaml`. Golden decisions replace those of the same name.
 */
export function placeProposal(
  version: WorkspaceFiles,
  { experienceId, experience, evals }: ReadProposal,
  status: GivenStatus,
): PlacedProposal {
  const files = new Map(version);
  const [own] = filesWith(files, "experiences/", experienceIdIn, experienceId);
  const placed = replace(files, own ?? freeName(files, "experiences", `${experienceId}.yaml`), withStatus(experience, status));
  const over: Record<string, string | null> = { [`experience ${experienceId}`]: hashOf(placed.before) };
  const suites = evals.map(({ file, text, name }) => {
    const [first, ...others] = filesWith(files, "evals/", suiteNameIn, name);
    for (const other of others) files.delete(other);
    const one = replace(files, first ?? freeName(files, "evals", fileNameOf(file, name)), text);
    over[`golden decisions ${name}`] = hashOf(one.before);
    return one;
  });
  return { files: inOrder(files), experience: placed, evals: suites, over };
}

// --- internal ---

function replace(files: Map<string, Buffer>, file: string, text: string): PlacedFile {
  const before = files.get(file)?.toString("utf8");
  files.set(file, Buffer.from(text, "utf8"));
  return { file, text, ...(before === undefined ? {} : { before }) };
}

/** The YAML files of a folder in which a name is said. */
const filesWith = (files: WorkspaceFiles, folder: string, nameIn: (text: string) => string | undefined, name: string): string[] =>
  [...files].flatMap(([file, bytes]) => {
    if (!file.startsWith(folder) || !isYaml(file)) return [];
    const read = decodeText(bytes);
    return read.ok && nameIn(read.text) === name ? [file] : [];
  });

/** A file that is not there yet: `evals/spring.yaml`, or `evals/spring-2.yaml`. */
function freeName(files: WorkspaceFiles, folder: string, name: string): string {
  const stem = name.replace(/\.ya?ml$/i, "");
  const taken = new Set([...files.keys()].map((file) => file.toLowerCase()));
  const isTaken = (file: string): boolean => {
    const lower = file.toLowerCase();
    return taken.has(lower) || [...taken].some((other) => other.startsWith(`${lower}/`));
  };
  for (let count = 1; ; count++) {
    const file = `${folder}/${count === 1 ? name : `${stem}-${count}.yaml`}`;
    if (!isTaken(file)) return file;
  }
}

/** The name of the file that was given, where it can be one of a version; otherwise made of the name of its suite. */
function fileNameOf(given: string, suite: string): string {
  const name = basename(given);
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.ya?ml$/i.test(name)) return name;
  const slug = suite
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  return `${slug === "" ? "golden" : slug}.yaml`;
}

const hashOf = (text: string | undefined): string | null =>
  text === undefined ? null : createHash("sha256").update(text).digest("base64url").slice(0, 22);
