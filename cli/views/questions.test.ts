import { expect, test } from "vitest";
import { questionsIn, usageOf } from "../../domain/entities/model-answer.ts";
import { questionLines } from "./questions.ts";

const plain = { paint: new Proxy({}, { get: () => (text: string) => text }) as never }; // paints nothing

const STEPS = [
  { agent: "eligibility-judge", ms: 3 },
  {
    ...{ agent: "eligibility-judge", asked: "judge-criteria@1", model: "small", ms: 812, attempts: 2 },
    ...{ inputTokens: 500, outputTokens: 80, usd: 0.0015, left: { runTokens: 19_420, dayUsd: 49.9985 } },
  },
  { agent: "content-generator", asked: "write-content@1", model: "small", ms: 0, fromMemory: true },
  {
    ...{
      agent: "content-generator",
      asked: "revise-content@1",
      model: "small",
      ms: 1,
      attempts: 0,
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
    },
    ...{ failure: "budget_spent", detail: "9000 more tokens do not fit into it", left: { runTokens: 420 } },
  },
];

test("every question has its cost, outcome and remaining budget, and steps without a question have no line", () => {
  const lines = questionLines(questionsIn(STEPS), usageOf(STEPS), plain);
  expect(lines.map((line) => line.replace(/ {2,}/g, " | ").trim())).toEqual([
    "| agent | asked | model | calls | tokens in | out | cost | time | came to | left",
    "| eligibility-judge | judge-criteria@1 | small | 2 | 500 | 80 | $0.0015 | 812 ms | an answer | 19420 tokens of the run; $50.00 of the day",
    "| content-generator | write-content@1 | small | 0 | 0 | 0 | $0.0000 | 0 ms | answered before",
    "| content-generator | revise-content@1 | small | 0 | 0 | 0 | $0.0000 | 1 ms | budget_spent | 420 tokens of the run",
    "A language model was asked 2 times: 580 tokens (500 in, 80 out), $0.0015.",
  ]);
});

test("without a model nothing is printed about one", () => {
  expect(questionLines(questionsIn([{ agent: "eligibility-judge", ms: 3 }]), usageOf([]), plain)).toEqual([]);
});
