import { isMap, LineCounter, parseDocument } from "yaml";
import { SentientError } from "../../domain/errors.ts";
import { unstorable } from "../../domain/values/json.ts";
import { type Problem, problemsError } from "../problem.ts";
import { readYaml } from "../yaml.ts";

/** A file as somebody gives it: its own name, which tells where a problem is, and its text. */
export interface GivenFile {
  readonly file: string;
  readonly text: string;
}

/** A change of the catalogue: an experience, and golden decisions that come along with it. */
export interface ReadProposal {
  readonly experienceId: string;
  readonly experience: string;
  /** By the names of their suites. */
  readonly evals: readonly (GivenFile & { readonly name: string })[];
}

/** The most bytes of one file: a person reads it, and reading YAML may take the square of its size. */
export const MOST_BYTES = 128 * 1024;

/** The most files of golden decisions that come with one experience. */
export const MOST_EVALS = 20;

/**
 * Reads which experience and which golden decisions are proposed; what else is wrong in them is for the check.
 *
 * @throws BAD_INPUT with every problem: a file that is no experience or no golden decisions, or beyond the bounds of a version
 */
export function readProposal(experience: GivenFile, evals: readonly GivenFile[]): ReadProposal {
  if (evals.length > MOST_EVALS)
    throw new SentientError("BAD_INPUT", `${evals.length} files of golden decisions; expected at most ${MOST_EVALS}`);
  const problems = [experience, ...evals].flatMap(problemOfText);
  if (problems.length > 0) throw problemsError(problems, "BAD_INPUT", "the proposal");
  const { experienceId, problems: wrong } = readExperience(experience);
  const suites = evals.map((given) => ({ given, ...nameOfSuite(given) }));
  problems.push(...wrong, ...suites.flatMap((one) => one.problems));
  for (const [index, { given, name }] of suites.entries()) {
    const first = suites.findIndex((other) => other.name === name);
    if (name !== undefined && first < index)
      problems.push({ file: given.file, path: "name", message: `${suites[first]?.given.file} has golden decisions called ${name} too` });
  }
  if (problems.length > 0) throw problemsError(problems, "BAD_INPUT", "the proposal");
  return {
    experienceId,
    experience: experience.text,
    evals: suites.map(({ given, name = "" }) => ({ ...given, name })),
  };
}

/** The id of the experience that a text is; undefined where it is none. */
export function experienceIdIn(text: string): string | undefined {
  const document = parseDocument(text, { prettyErrors: false });
  const id = document.errors.length === 0 && isMap(document.contents) ? document.get("id") : undefined;
  return typeof id === "string" ? id : undefined;
}

/** The name of the golden decisions that a text is; undefined where it is none. */
export function suiteNameIn(text: string): string | undefined {
  const document = parseDocument(text, { prettyErrors: false, merge: true });
  const name = isMap(document.contents) ? document.get("name") : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

// --- internal ---

function problemOfText({ file, text }: GivenFile): Problem[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) return [{ file, message: `${bytes} bytes; a file that is proposed has at most ${MOST_BYTES}` }];
  const message = unstorable(text, "the text");
  return message === undefined ? [] : [{ file, message }];
}

/** An id as `check` takes it. It names a file, so that it holds no slash. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;

function readExperience({ file, text }: GivenFile): { readonly experienceId: string; readonly problems: readonly Problem[] } {
  const read = readYaml(file, text, {});
  if ("problems" in read) return { experienceId: "", problems: read.problems };
  const { written } = read;
  const none = "expected an experience: a mapping with id, serves and channels";
  if (typeof written !== "object" || written === null || Array.isArray(written))
    return { experienceId: "", problems: [{ file, message: none }] };
  const { id } = written as { readonly id?: unknown };
  if (id === undefined)
    return {
      experienceId: "",
      problems: [
        { file, path: "id", message: `is missing: ${"cases" in written ? `${none}; these are golden decisions (--evals)` : none}` },
      ],
    };
  if (typeof id === "string" && ID.test(id)) return { experienceId: id, problems: [] };
  const message = "expected a name of letters, digits, dots, dashes and underscores, at most 200 of them";
  return { experienceId: "", problems: [{ file, line: read.lineOf(["id"]), path: "id", message }] };
}

function nameOfSuite({ file, text }: GivenFile): { readonly name?: string; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const [error] = document.errors;
  if (error) return { problems: [{ file, line: lines.linePos(error.pos[0]).line, message: `not YAML: ${error.message}` }] };
  const name = suiteNameIn(text);
  if (name !== undefined) return { name, problems: [] };
  return { problems: [{ file, path: "name", message: "is missing: expected golden decisions, a mapping with name and cases" }] };
}
