import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { DecidedByView, VersionView } from "../../../operations/versions/views.ts";
import { moreOf, read, readPages } from "../../api/queries.ts";
import { Command } from "../../parts/code.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { processesWords, shortVersion } from "./words.ts";

type VersionsPage = PageOf<"versions", VersionView>;

/** Versions of the workspace as they were put in force, newest first. */
export function Versions(): ReactNode {
  const query = useInfiniteQuery(readPages<VersionsPage>("versions", "/v1/versions", { limit: 100 }));
  const versions = query.data?.pages.flatMap((page) => page.versions) ?? [];
  const inForce = versions.find((one) => one.inForce);
  return (
    <Page title="Versions" answer={query.data && <Answer inForce={inForce} />}>
      <Stack>
        <Loading query={query}>
          {() =>
            versions.length === 0 ? (
              <Empty title="No version was published" command="npx sentient publish DIR --note TEXT">
                Every process decides by its own folder. Once a version is published, all of them follow it within two seconds.
              </Empty>
            ) : (
              <DataTable
                label="Versions"
                rows={versions}
                columns={COLUMNS}
                rowKey={({ policyVersion, at }) => `${at} ${policyVersion}`}
                rowTo={({ policyVersion }) => `/versions/${policyVersion}`}
                more={moreOf(query)}
              />
            )
          }
        </Loading>
        <Panel title="To publish a folder">
          <p>It is checked and its golden decisions are run first; publishing is from the command line, where the folder is.</p>
          <Command text="npx sentient publish DIR --note TEXT" />
        </Panel>
      </Stack>
    </Page>
  );
}

// --- internal ---

function Answer({ inForce }: { readonly inForce: VersionView | undefined }): ReactNode {
  const processes = useQuery(read<{ readonly processes: readonly DecidedByView[] }>("versions", "/v1/processes")).data?.processes;
  if (!inForce) return "No version is in force.";
  return (
    <>
      Version <code>{shortVersion(inForce.policyVersion)}</code> is in force since <Time at={inForce.at} />, by{" "}
      <Said text={inForce.by} most={200} />. {processes && processesWords(processes, inForce.policyVersion)}
    </>
  );
}

const COLUMNS: readonly Column<VersionView>[] = [
  { head: "State", width: "6.5rem", cell: ({ inForce }) => inForce && <Mark kind="sent" word="in force" /> },
  { head: "Version", width: "8.5rem", kind: "main", cell: ({ policyVersion }) => <code>{shortVersion(policyVersion)}</code> },
  { head: "Put in force", width: "9.5rem", kind: "text", cell: ({ at }) => <Time at={at} as="absolute" /> },
  { head: "By", width: "7rem", kind: "text", cell: ({ by }) => <Said text={by} most={200} /> },
  { head: "Why", kind: "text", phone: "whole", cell: ({ note }) => note !== undefined && <Said text={note} most={500} /> },
  { head: "From", kind: "text", phone: "labelled", cell: ({ from }) => <Said text={from} most={300} isNarrow /> },
];
