import type { BudgetLeft, QuestionAsked, Usage } from "../../domain/entities/model-answer.ts";
import type { Io } from "../io.ts";
import { table } from "./table.ts";

/** Questions to a language model, one per line: the asker, the cost and the result; then the totals. */
export function questionLines(questions: readonly QuestionAsked[], usage: Usage, { paint }: Pick<Io, "paint">): string[] {
  if (questions.length === 0) return [];
  const heading = ["agent", "asked", "model", "calls", "tokens in", "out", "cost", "time", "came to", "left"].map(paint.dim);
  const rows = questions.map((one) => [
    one.agent,
    one.asked,
    one.model,
    String(one.attempts),
    String(one.inputTokens),
    String(one.outputTokens),
    dollars(one.usd),
    `${one.ms} ms`,
    one.fromMemory ? "answered before" : (one.failure ?? "an answer"),
    one.left ? leftInWords(one.left) : "",
  ]);
  const { inputTokens, outputTokens, usd } = usage;
  const assumed = questions.some(({ isPriceAssumed }) => isPriceAssumed)
    ? "; the workspace sets no price, so that of an expensive model is assumed"
    : "";
  const calls = questions.reduce((sum, { attempts }) => sum + attempts, 0);
  const times = calls === 1 ? "once" : `${calls} times`;
  return [
    ...table([heading, ...rows], { indent: 2 }),
    `A language model was asked ${times}: ${inputTokens + outputTokens} tokens (${inputTokens} in, ${outputTokens} out), ${dollars(usd)}${assumed}.`,
  ];
}

// --- internal ---

const dollars = (usd: number): string => `$${usd.toFixed(4)}`;

function leftInWords({ runTokens, runUsd, dayTokens, dayUsd }: BudgetLeft): string {
  const of = (what: string, tokens: number | undefined, usd: number | undefined): string[] => {
    const parts = [...(tokens === undefined ? [] : [`${tokens} tokens`]), ...(usd === undefined ? [] : [`$${usd.toFixed(2)}`])];
    return parts.length > 0 ? [`${parts.join(", ")} of the ${what}`] : [];
  };
  return [...of("run", runTokens, runUsd), ...of("day", dayTokens, dayUsd)].join("; ");
}
