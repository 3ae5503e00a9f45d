import type { ReactNode } from "react";
import { type ByName, namesIn, ownValue } from "../../../rehearsal/results/figures.ts";
import { recordedInWords } from "../../../rehearsal/results/words.ts";
import { Panel } from "../../parts/page.tsx";
import type { MatrixCell } from "../../pictures/recorded-matrix.layout.ts";
import { RecordedMatrix } from "../../pictures/recorded-matrix.tsx";
import { type CountRow, Counts, type ToCell } from "./figures.tsx";

export interface RecordedProps {
  readonly recorded: Recorded;
  readonly toCell: ToCell;
}

interface Recorded extends Record<"against" | "with", Totals> {
  readonly wakes: number;
  readonly different: number;
  readonly matrix: readonly MatrixCell[];
}

/** The recorded stream, decided under both: it is not simulated. */
export function RecordedPart({ recorded, toCell }: RecordedProps): ReactNode {
  const { matrix, against, with: other } = recorded;
  const named = NAMED.map(([kind, words]) => ({ kind, words, rows: rowsOf(kind, against[kind], other[kind]) }));
  return (
    <Panel title="On the recorded stream" aside="not simulated">
      <p>{recordedInWords(recorded)} A number opens the wakes behind it.</p>
      {matrix.length > 0 && <RecordedMatrix cells={matrix} toOf={(before, after) => toCell("recorded", `${before}>${after}`)} />}
      <Counts
        each="Figure"
        rows={[{ name: "deliveries", cell: "deliveries", against: against.deliveries, with: other.deliveries }]}
        toCell={toCell}
      />
      {named
        .filter(({ rows }) => rows.length > 0)
        .map(({ kind, words, rows }) => (
          <details key={kind}>
            <summary>
              {words} ({rows.length})
            </summary>
            <Counts each={words} rows={rows} toCell={toCell} />
          </details>
        ))}
    </Panel>
  );
}

// --- internal ---

type Totals = { readonly deliveries: number } & Readonly<Record<(typeof NAMED)[number][0], ByName<number>>>;

const NAMED = [
  ["byExperience", "Deliveries by experience"],
  ["byChannel", "Deliveries by channel"],
  ["byDepartment", "Deliveries by department"],
  ["silences", "Silences by code"],
] as const;

const rowsOf = (kind: string, against: ByName<number>, other: ByName<number>): CountRow[] =>
  namesIn([against, other]).map((name) => ({
    ...{ name, cell: `${kind}:${name}` },
    ...{ against: ownValue(against, name) ?? 0, with: ownValue(other, name) ?? 0 },
  }));
