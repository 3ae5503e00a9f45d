import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView } from "../../../operations/look-up-views.ts";
import { read } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Time } from "../../parts/time.tsx";
import { markOfDecision } from "../../values/marks.ts";

type Decision = z.infer<typeof DecisionView>;

const COLUMNS: readonly Column<Decision>[] = [
  { head: "When", width: "11rem", kind: "quiet", cell: ({ decidedAt }) => <Time at={decidedAt} as="absolute" /> },
  { head: "What", width: "11rem", cell: (decision) => <Mark {...markOfDecision(decision)} /> },
  { head: "Experience", kind: "main", cell: ({ experienceId }) => experienceId ?? "nothing sent" },
  {
    head: "Why",
    kind: "text",
    phone: "whole",
    cell: ({ action, reasons: [first] }) => action !== "deliver" && first && <Reason {...first} />,
  },
];

/** The latest decisions about the customer. */
export function DecisionsTab({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(read<{ readonly decisions: readonly Decision[] }>("decisions", "/v1/decisions", { customer: id, limit: 100 }));
  return (
    <Loading query={query}>
      {({ decisions }) =>
        decisions.length === 0 ? (
          <Empty title="Nothing was decided yet">A signal that opens a moment leads to a decision.</Empty>
        ) : (
          <>
            <DataTable
              label="Decisions about this customer"
              rows={decisions.toReversed()}
              columns={COLUMNS}
              rowKey={({ decisionId }) => decisionId}
              rowTo={({ decisionId }) => `/decisions/${encodeURIComponent(decisionId)}`}
            />
            <Link to="/decisions" search={{ customer: id }}>
              All of them, with filters
            </Link>
          </>
        )
      }
    </Loading>
  );
}
