import type { GoldenView, ProposalLine, ProposalView, ProposedFile } from "../../operations/proposals/views.ts";
import { describeProblem } from "../../workspace/problem.ts";
import { lineDifference } from "../../workspace/versions/line-difference.ts";
import type { Paint } from "../io.ts";
import { minuteOf } from "../views/decision-line.ts";
import { shortId } from "../views/operations.ts";
import { table } from "../views/table.ts";
import { changedLines } from "../views/versions.ts";

/** Proposals, newest first. */
export const proposalLines = (proposals: readonly ProposalLine[], paint: Paint): string[] =>
  table(
    proposals.map((one) => [
      paint.dim(shortId(one.proposalId)),
      statusWord(one, paint),
      one.experienceId,
      paint.dim(minuteOf(one.revisedAt ?? one.createdAt)),
      `by ${one.by}`,
      one.because ?? "",
    ]),
  );

/** A proposal as somebody reads it before answering: difference, why, problems, golden decisions, and what to type. */
export function proposalText(proposal: ProposalView, paint: Paint): string[] {
  const { proposalId, experienceId, because, evidence, problems, golden, experience, evals, authors, status, hash, records } = proposal;
  const gone = new Set(records.filter(({ kind }) => kind === "gone").map(({ id }) => id));
  return [
    `${paint.bold(experienceId)}  ${statusWord(proposal, paint)}  ${paint.dim(proposalId)}`,
    ...authors.map(
      ({ by, at, unverified }, index) =>
        `  ${index === 0 ? "proposed" : "revised"} ${minuteOf(at)} by ${by}${unverified ? paint.dim(" (unverified)") : ""}`,
    ),
    ...(because === undefined ? [] : [`  because ${because}`]),
    ...evidence.map((id) => `  evidence ${id}${gone.has(id) ? paint.dim(" (gone)") : ""}`),
    ...answerLines(proposal, paint),
    "",
    ...[experience, ...evals].flatMap((file) => differenceLines(file, paint)),
    "",
    ...problems.map((problem) => `${paint.red("✗")} ${describeProblem(problem as Parameters<typeof describeProblem>[0])}`),
    ...golden.flatMap((suite) => goldenLines(suite, paint)),
    ...(problems.length === 0 && golden.length === 0 ? [paint.dim("no golden decisions")] : []),
    ...rehearsalLines(proposal, paint),
    ...(status === "open" ? ["", `hash ${hash}`] : []),
  ];
}

// --- internal ---

function statusWord({ status, ready }: ProposalLine, paint: Paint): string {
  if (status === "approved") return paint.green(status);
  if (status === "rejected") return paint.red(status);
  return ready ? paint.yellow(status) : `${paint.yellow(status)} ${paint.red("not ready")}`;
}

function answerLines({ status, answeredAt, answeredBy, answer, policyVersion, publishedAs }: ProposalLine, paint: Paint): string[] {
  if (answeredAt === undefined) return [];
  const published = policyVersion === undefined ? "" : `, published as ${publishedAs} in ${shortId(policyVersion)}`;
  return [`  ${status} ${minuteOf(answeredAt)} by ${answeredBy}${published}${answer === undefined ? "" : paint.dim(`: ${answer}`)}`];
}

function rehearsalLines({ hash, rehearsal }: ProposalView, paint: Paint): string[] {
  if (!rehearsal) return [];
  const { rehearsalId, status, hash: played, found = [], why } = rehearsal;
  const of = played === hash ? "" : " of an earlier text";
  return [
    "",
    `rehearsal${of}: ${status} ${paint.dim(`${shortId(rehearsalId)}  simulated`)}`,
    ...found.map((sentence) => `  ${sentence}`),
    ...(why === undefined ? [] : [`  ${paint.red(why)}`]),
  ];
}

const differenceLines = ({ file, willBe, inForce }: ProposedFile, paint: Paint): string[] =>
  inForce === willBe
    ? [paint.dim(`unchanged ${file}`)]
    : changedLines([{ file, change: inForce === undefined ? "added" : "changed", diff: lineDifference(inForce ?? "", willBe) }], paint);

function goldenLines({ name, brought, cases }: GoldenView, paint: Paint): string[] {
  return cases.flatMap((one) => [
    `${one.passed ? paint.green("✓") : paint.red("✗")} ${name}: ${one.name}${brought ? paint.dim("  brought along") : ""}`,
    ...one.differs.flatMap(({ expectation, because, file, line }) => [`    ${file}:${line}  ${expectation}`, `    ${paint.dim(because)}`]),
  ]);
}
