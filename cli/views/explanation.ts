import type { Decision } from "../../domain/decision.ts";
import type { Explanation } from "../../domain/explain.ts";
import type { Usage } from "../../domain/model-answer.ts";
import type { Io } from "../io.ts";
import { wrap } from "./table.ts";

/** An explanation as a page to read. */
export function explanationLines(
  { headline, why, others, smallestChange, usage }: Explanation & { readonly usage?: Usage },
  decision: Decision,
  { paint, columns }: Io,
): string[] {
  const width = Math.min(columns, 100);
  const paragraph = (text: string, indent = "") => wrap(text, width, indent);
  const rest = others.flatMap(({ experienceId, why: reason, change }) => [
    `  ${paint.bold(experienceId)}`,
    ...paragraph(`${reason}.`, "    "),
    ...paragraph(`Would have changed it: ${change}`, "    ").map(paint.dim),
  ]);
  return [
    ...paragraph(headline).map(paint.bold),
    "",
    ...why.flatMap((text) => paragraph(text)),
    ...(others.length > 0 ? ["", "Why not the others:", ...rest] : []),
    ...(smallestChange === undefined ? [] : ["", ...paragraph(smallestChange)]),
    ...(usage ? ["", ...paragraph(costLine(usage))] : []),
    "",
    paint.dim(`decision ${decision.decisionId}, run ${decision.runId}, policy ${decision.policyVersion.slice(0, 12)}`),
  ];
}

// --- internal ---

const costLine = ({ inputTokens, outputTokens, usd }: Usage): string =>
  `A language model was asked: ${inputTokens + outputTokens} tokens, $${usd.toFixed(4)}.`;
