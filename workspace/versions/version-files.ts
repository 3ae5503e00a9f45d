import type { WorkspaceFiles } from "../check-files.ts";
import type { Problem } from "../problem.ts";

/** Folders of a workspace, beside `sentient.yaml`. */
export const FOLDERS: readonly string[] = ["experiences", "templates", "tools", "channels", "evals"];

/** Bounds of a version, so that one can be kept in a row, sent over HTTP and compiled in every process. */
export const VERSION_LIMITS = { files: 1_000, fileBytes: 1024 * 1024, bytes: 4 * 1024 * 1024, nameBytes: 1_024 } as const;

/** The files of a version as JSON: a text as it is, anything else in base64. */
export type PackedFiles = Readonly<Record<string, string | { readonly base64: string }>>;

/** The files as JSON. A byte order mark and line ends are kept, so that unpacking gives the same bytes. */
export const packFiles = (files: WorkspaceFiles): PackedFiles =>
  Object.fromEntries([...files].map(([name, bytes]) => [name, textOf(bytes) ?? { base64: bytes.toString("base64") }]));

/** The files of a version, in the order in which `policyVersion` counts them. */
export const unpackFiles = (packed: PackedFiles): WorkspaceFiles =>
  inOrder(
    Object.entries(packed).map(([name, given]) => [
      name,
      typeof given === "string" ? Buffer.from(given, "utf8") : Buffer.from(given.base64, "base64"),
    ]),
  );

/** Files by name, in the order of a folder that is read. */
export const inOrder = (files: Iterable<readonly [string, Buffer]>): WorkspaceFiles =>
  new Map([...files].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/**
 * Problems of files that are to be kept as a version: names that no folder of a workspace has, and sizes beyond VERSION_LIMITS. A folder
 * that was read has only the latter.
 */
export function problemsOfFiles(files: WorkspaceFiles): Problem[] {
  const problems: Problem[] = [];
  if (!files.has("sentient.yaml")) problems.push({ file: "sentient.yaml", message: "no such file; a version has one" });
  if (files.size > VERSION_LIMITS.files)
    problems.push({ file: ".", message: `${files.size} files; a version has at most ${VERSION_LIMITS.files}` });
  let total = 0;
  for (const [name, bytes] of files) {
    const message = problemOfName(name, files) ?? problemOfSize(bytes);
    if (message !== undefined) problems.push({ file: name, message });
    total += bytes.length;
  }
  if (total > VERSION_LIMITS.bytes) problems.push({ file: ".", message: `${total} bytes; a version has at most ${VERSION_LIMITS.bytes}` });
  return problems;
}

/** Whether a file of a version is code, which only processes with that code run: tools and channels without their tests. */
export const isCode = (name: string): boolean => /^(tools|channels)\//.test(name) && !name.endsWith(".test.ts");

/** Whether two versions have the same tools and channels, which are code. */
export function hasSameCode(one: WorkspaceFiles, other: WorkspaceFiles): boolean {
  const [a, b] = [codeOf(one), codeOf(other)];
  return a.length === b.length && a.every(([name, bytes], index) => name === b[index]?.[0] && bytes.equals(b[index][1]));
}

// --- internal ---

const codeOf = (files: WorkspaceFiles): (readonly [string, Buffer])[] => [...inOrder(files)].filter(([name]) => isCode(name));

/** The text of a file where JSON and PostgreSQL can hold it unchanged. */
function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  return text.includes("\u0000") || !Buffer.from(text, "utf8").equals(bytes) ? undefined : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name with one cannot be printed
const UNPRINTABLE = /[\u0000-\u001f\u007f\\]/;

/** Why no folder of a workspace has a file of this name: the reader of a folder passes over hidden files and `node_modules`. */
function problemOfName(name: string, files: WorkspaceFiles): string | undefined {
  const steps = name.split("/");
  if (Buffer.byteLength(name) > VERSION_LIMITS.nameBytes) return `a name of at most ${VERSION_LIMITS.nameBytes} bytes was expected`;
  if (UNPRINTABLE.test(name) || Buffer.from(name).toString() !== name) return "expected a name without control characters and backslashes";
  if (name === "sentient.yaml") return undefined;
  if (steps.length < 2 || !FOLDERS.includes(steps[0] ?? ""))
    return "expected sentient.yaml, or a file in experiences/, templates/, tools/, channels/ or evals/";
  if (steps.some((step) => step === "" || step.startsWith(".") || step === "node_modules"))
    return "expected a relative name like experiences/hello.yaml: no .., no hidden file, no node_modules";
  const folder = steps.map((_, index) => steps.slice(0, index).join("/")).find((above) => files.has(above));
  return folder === undefined ? undefined : `${folder} is a file of this version too, so that it can be no folder`;
}

const problemOfSize = ({ length }: Buffer): string | undefined =>
  length > VERSION_LIMITS.fileBytes ? `${length} bytes; a file of a version has at most ${VERSION_LIMITS.fileBytes}` : undefined;
