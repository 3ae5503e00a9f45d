import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { CanaryView } from "../../../operations/canaries/views.ts";
import { read } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { count, share } from "../../values/numbers.ts";
import { CANARY_MARKS } from "../../values/statuses.ts";
import { canariesAnswer, evidenceWords, nearest } from "./words.ts";

/** Experiences that are tried on a share of customers, and how near each is to a stop. */
export function Canaries(): ReactNode {
  const query = useQuery(read<{ readonly canaries: readonly CanaryView[] }>("canaries", "/v1/canaries"));
  return (
    <Page title="Canaries" answer={query.data && canariesAnswer(query.data.canaries)}>
      <Loading query={query}>
        {({ canaries }) =>
          canaries.length === 0 ? (
            <Empty title="Nothing is tried">
              An experience with status: canary in its file goes to a share of customers first, and its guards stop it when it does harm.
            </Empty>
          ) : (
            <DataTable
              label="Canaries"
              rows={canaries}
              columns={COLUMNS}
              rowKey={({ experienceId }) => experienceId}
              rowTo={({ experienceId }) => `/canaries/${encodeURIComponent(experienceId)}`}
            />
          )
        }
      </Loading>
    </Page>
  );
}

// --- internal ---

const COLUMNS: readonly Column<CanaryView>[] = [
  {
    head: "State",
    width: "7rem",
    cell: ({ state }) => <Mark kind={CANARY_MARKS[state]} word={state === "running" ? "is tried" : state} />,
  },
  { head: "Experience", kind: "main", cell: ({ name }) => <Said text={name} most={200} /> },
  { head: "Department", kind: "text", cell: ({ department }) => department !== undefined && <Said text={department} most={100} /> },
  { head: "Share", kind: "number", width: "5rem", phone: "labelled", cell: (canary) => share(canary.share) },
  { head: "Deliveries", kind: "number", width: "6.5rem", phone: "labelled", cell: ({ deliveries }) => count(deliveries) },
  {
    head: "Nearest to a stop",
    kind: "text",
    width: "30%",
    phone: "whole",
    cell: ({ guards, stopped }) => {
      if (stopped) return <Said text={stopped.why} most={300} />;
      const guard = nearest(guards);
      return guard && `${guard.says}: ${evidenceWords(guard)}`;
    },
  },
  {
    head: "Since",
    width: "8.5rem",
    kind: "text",
    phone: "labelled",
    cell: ({ startedAt }) => startedAt !== undefined && <Time at={startedAt} as="absolute" />,
  },
  {
    head: "Until",
    width: "8.5rem",
    kind: "text",
    phone: "labelled",
    cell: ({ endsAt, stopped }) => {
      const at = stopped?.at ?? endsAt;
      return at !== undefined && <Time at={at} as="absolute" />;
    },
  },
];
