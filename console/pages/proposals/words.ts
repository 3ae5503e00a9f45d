import type { ProposalLine } from "../../../operations/proposals/views.ts";
import { counted } from "../../values/numbers.ts";

/** The list in a sentence. */
export function proposalsAnswer(proposals: readonly Pick<ProposalLine, "status" | "ready">[], goesOn = false): string {
  const open = proposals.filter(({ status }) => status === "open");
  const ready = open.filter((one) => one.ready).length;
  if (open.length === 0) return goesOn ? "No open proposal was found so far." : "No proposal waits for an answer.";
  const head = `${goesOn ? "At least " : ""}${counted(open.length, "proposal waits", "proposals wait")} for an answer`;
  if (ready === open.length)
    return `${head}; ${open.length === 1 ? "it has no problems, and its golden decisions pass" : "none of them has problems"}.`;
  return `${head}; ${counted(open.length - ready, "has", "have")} problems or golden decisions that do not pass.`;
}

/** Why a person may not approve a proposal that is open; undefined where they may. */
export function whyNot(
  { problems, golden, authors, ready }: Pick<ProposalLine, "problems" | "golden" | "authors" | "ready">,
  person: { readonly name: string; readonly mayApprove: boolean },
): string | undefined {
  if (!person.mayApprove) return "Your role does not answer proposals.";
  if (authors.some(({ by }) => isSame(by, person.name))) return "You have proposed or revised it: another person approves it.";
  if (problems.length > 0) return `It has ${counted(problems.length, "problem")}: it is revised first.`;
  const failing = golden.filter(({ passed }) => !passed).length;
  if (failing > 0)
    return `${counted(failing, "suite of golden decisions does", "suites of golden decisions do")} not pass: it is revised first.`;
  return ready ? undefined : "It is not ready.";
}

/** Which of its golden decisions pass: `4 of 5`. */
export function goldenWords(golden: ProposalLine["golden"]): string {
  const cases = golden.flatMap((suite) => suite.cases);
  return cases.length === 0 ? "none" : `${cases.filter(({ passed }) => passed).length} of ${cases.length} pass`;
}

// --- internal ---

/** The server decides it; names that a reader would take for the same are taken so. */
const isSame = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\p{C}]+/gu, " ")
    .trim();
