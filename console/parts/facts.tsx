import type { ReactNode } from "react";
import { type FactRow, factRows } from "../values/facts.ts";
import { type Column, DataTable } from "./data-table.tsx";
import { Mark } from "./mark.tsx";
import { Said } from "./said.tsx";
import { Time } from "./time.tsx";

const COLUMNS: readonly Column<FactRow>[] = [
  { head: "Fact", kind: "text", width: "30%", cell: ({ path }) => <Said text={path} most={200} /> },
  { head: "Value", kind: "text", phone: "whole", cell: ({ value }) => <Said text={value} most={500} /> },
  { head: "Source", width: "16%", kind: "quiet", cell: ({ source }) => source !== undefined && <Said text={source} most={100} /> },
  { head: "Said", width: "18%", kind: "quiet", cell: ({ at }) => at !== undefined && <Time at={at} as="relative" /> },
  { head: "Doubt", width: "20%", kind: "text", cell: ({ doubt }) => doubt !== undefined && <Mark kind="waits" word={doubt} /> },
];

/** Facts with their sources and ages. */
export function Facts({
  facts,
  label = "Facts",
}: {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly label?: string;
}): ReactNode {
  const rows = factRows(facts);
  const columns = rows.some(({ doubt }) => doubt !== undefined) ? COLUMNS : COLUMNS.filter(({ head }) => head !== "Doubt");
  return <DataTable label={label} rows={rows} columns={columns} rowKey={({ path }) => path} />;
}
