import type { ReactNode } from "react";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Figure } from "../parts/figure.tsx";
import { Said } from "../parts/said.tsx";
import { Scroller } from "../parts/scroller.tsx";
import { count, counted } from "../values/numbers.ts";
import { plain } from "../values/visible.ts";
import { layoutSteps, msWords, type RecordedStep, type StepRow } from "./run-steps.layout.ts";
import styles from "./run-steps.module.css";

const [LEFT, WIDTH, RIGHT, ROW] = [190, 520, 90, 24];

/** The steps of a run and its questions to a language model, one after the other. */
export function RunSteps({ steps }: { readonly steps: readonly RecordedStep[] }): ReactNode {
  const { rows, bars, ticks, total } = layoutSteps(steps, WIDTH);
  const bottom = rows.length * ROW + 4;
  const questions = rows.filter(({ kind }) => kind === "question").length;
  const sentence = `${counted(rows.length - questions, "step")} in ${msWords(total)}, with ${
    questions === 0 ? "no question" : counted(questions, "question")
  } to a language model.`;
  return (
    <Figure sentence={sentence} table={<StepTable rows={rows} />}>
      <Scroller label="Steps in time" className={styles["scroll"]}>
        <svg className={styles["picture"]} viewBox={`0 0 ${LEFT + WIDTH + RIGHT} ${bottom + 20}`} role="img" aria-label={sentence}>
          {ticks.map(({ x, words }) => (
            <g key={words}>
              <line className={styles["axis"]} x1={LEFT + x} x2={LEFT + x} y1={0} y2={bottom} />
              <text x={LEFT + x} y={bottom + 14} textAnchor="middle">
                {words}
              </text>
            </g>
          ))}
          {bars.map(({ row, x, width, look }) => (
            <g key={row} transform={`translate(0 ${row * ROW})`}>
              <text x={LEFT - 10} y={16} textAnchor="end">
                {plain(rows[row]?.name ?? "", 28)}
              </text>
              <rect className={styles[look]} x={LEFT + x} y={5} width={width} height={look === "agent" ? 14 : 8} rx={2} />
              <text x={LEFT + x + width + 6} y={16}>
                {look === "failed" ? "failed" : msWords(rows[row]?.ms ?? 0)}
              </text>
            </g>
          ))}
        </svg>
      </Scroller>
    </Figure>
  );
}

// --- internal ---

const COLUMNS: readonly Column<StepRow>[] = [
  { head: "Step", kind: "text", cell: ({ name }) => <Said text={name} most={200} /> },
  { head: "Kind", cell: ({ kind, model }) => (kind === "agent" ? "agent" : `question to ${plain(model ?? "a model")}`) },
  { head: "Begins", kind: "number", phone: "labelled", cell: ({ begins }) => msWords(begins) },
  { head: "Takes", kind: "number", phone: "labelled", cell: ({ ms }) => msWords(ms) },
  {
    head: "Tokens in, out",
    kind: "number",
    phone: "labelled",
    cell: ({ inputTokens, outputTokens }) => inputTokens !== undefined && `${count(inputTokens)}, ${count(outputTokens ?? 0)}`,
  },
  { head: "Cost", kind: "number", phone: "labelled", cell: ({ usd }) => usd !== undefined && `$${usd.toFixed(4)}` },
  { head: "Requests", kind: "number", phone: "labelled", cell: ({ requests, fromMemory }) => (fromMemory ? "remembered" : requests) },
  {
    head: "Failure",
    kind: "text",
    cell: ({ failure, detail }) => failure !== undefined && <Said text={[failure, detail].filter(Boolean).join(": ")} most={300} />,
  },
];

const StepTable = ({ rows }: { readonly rows: readonly StepRow[] }): ReactNode => (
  <DataTable label="Steps" rows={rows} columns={COLUMNS} rowKey={(row) => `${rows.indexOf(row)}`} />
);
