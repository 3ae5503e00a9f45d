import type { ReactNode } from "react";
import { type FactRow, factRows } from "../values/facts.ts";
import { type Column, DataTable } from "./data-table.tsx";
import { Mark } from "./mark.tsx";
import { Said } from "./said.tsx";
import { Time } from "./time.tsx";

const columnsOf = (isPast: boolean): readonly Column<FactRow>[] => [
  { head: "Fact", kind: "text", width: "28%", cell: ({ path }) => <Said text={path} most={200} /> },
  { head: "Value", kind: "text", phone: "whole", cell: ({ value }) => <Said text={value} most={500} /> },
  {
    head: "Source",
    width: "14%",
    kind: "text",
    phone: "labelled",
    cell: ({ source }) => source !== undefined && <Said text={source} most={100} />,
  },
  {
    head: "Known since",
    width: isPast ? "24%" : "22%",
    kind: "text",
    phone: "labelled",
    cell: ({ at, age }) =>
      at !== undefined && (
        <>
          <Time at={at} as={isPast ? "absolute" : "relative"} />
          {isPast && age !== undefined && age !== "0s" && ` (${age} old then)`}
        </>
      ),
  },
  { head: "Doubt", width: "20%", kind: "text", cell: ({ doubt }) => doubt !== undefined && <Mark kind="waits" word={doubt} /> },
];

export interface FactsProps {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly label?: string;
  /** Of a text that has gone: when each became known, and how old it was then. */
  readonly isPast?: boolean;
}

/** Facts with their sources and ages; a column for doubts where there are some. */
export function Facts({ facts, label = "Facts", isPast = false }: FactsProps): ReactNode {
  const rows = factRows(facts);
  const columns = columnsOf(isPast).filter(({ head }) => head !== "Doubt" || rows.some(({ doubt }) => doubt !== undefined));
  return <DataTable label={label} rows={rows} columns={columns} rowKey={({ path }) => path} />;
}
