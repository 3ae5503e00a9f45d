import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { RehearsalLine } from "../../../operations/rehearsals/views.ts";
import { moreOf, readPages } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { type Search, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { REHEARSAL_MARKS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import { Start } from "./start.tsx";
import { rehearsalsAnswer, sizeWords, versionWords, withWords } from "./words.ts";

type RehearsalsPage = PageOf<"rehearsals", RehearsalLine>;

/** What changes would do, rehearsed before anything is sent: newest first. */
export function Rehearsals(): ReactNode {
  const query = useInfiniteQuery(readPages<RehearsalsPage>("rehearsals", "/v1/rehearsals", { limit: 100 }));
  const rehearsals = query.data?.pages.flatMap((page) => page.rehearsals) ?? [];
  return (
    <Page title="Rehearsals" answer={query.data && rehearsalsAnswer(rehearsals)} actions={<Rehearse />}>
      <Loading query={query}>
        {() =>
          rehearsals.length === 0 ? (
            <Empty title="Nothing was rehearsed" command="npx sentient rehearse DIR --against VERSION">
              A rehearsal plays two policies on the same recorded stream and the same futures of the same customers. Nothing is sent. A
              version or a proposal is rehearsed here, a folder on the command line.
            </Empty>
          ) : (
            <DataTable
              label="Rehearsals"
              rows={rehearsals}
              columns={COLUMNS}
              rowKey={({ rehearsalId }) => rehearsalId}
              rowTo={({ rehearsalId }) => `/rehearsals/${encodeURIComponent(rehearsalId)}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}

// --- internal ---

/** The form, for who may propose changes. A version's or a proposal's page leads here with what is rehearsed in the address. */
function Rehearse(): ReactNode {
  const mayPropose = useMay()("propose");
  const { start } = useFilters();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  if (!mayPropose) return null;
  const close = (): void => {
    setAsking(false);
    if (start !== undefined) void navigate({ to: ".", search: (before: Search) => ({ ...before, start: undefined }), replace: true });
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Rehearse…</Button>
      {(isAsking || start !== undefined) && <Start chosen={start ?? ""} onClose={close} />}
    </>
  );
}

const COLUMNS: readonly Column<RehearsalLine>[] = [
  {
    head: "State",
    width: "8rem",
    cell: ({ status }) => <Mark kind={REHEARSAL_MARKS[status]} word={status === "running" ? "is played" : status} />,
  },
  { head: "What", kind: "main", phone: "whole", cell: ({ request }) => plain(withWords(request), 200) },
  { head: "Against", width: "11rem", phone: "labelled", cell: ({ request }) => versionWords(request.against) },
  {
    head: "How far",
    kind: "text",
    phone: "whole",
    cell: ({ progress, error, status, request }) => {
      if (error !== undefined) return <Said text={error.message} most={200} />;
      return status === "running" && progress !== undefined ? <Said text={progress.text} most={200} /> : sizeWords(request);
    },
  },
  { head: "By", width: "7rem", kind: "text", cell: ({ by }) => <Said text={by} most={200} /> },
  { head: "When", width: "10rem", kind: "text", cell: ({ at }) => <Time at={at} as="absolute" /> },
];
