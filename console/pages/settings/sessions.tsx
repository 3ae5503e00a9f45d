import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SessionView } from "../../../operations/access/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay, useSession } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { endWords } from "./words.ts";

type Listed = SessionView & { readonly current: boolean };

/** Sessions: one's own, for an administrator everybody's. */
export function Sessions(): ReactNode {
  const query = useQuery(read<{ readonly sessions: readonly Listed[] }>("session", "/v1/sessions"));
  const me = useSession()?.name ?? "";
  const end = useAct<unknown, Listed>(({ id }) => ({ path: pathOf("/v1/sessions/{id}/end", id) }), ["session"]);
  const columns: readonly Column<Listed>[] = [
    {
      head: "Who",
      kind: "main",
      cell: ({ by, role, current }) => (
        <>
          <Said text={by} most={200} />, {role}
          {current && " (this browser)"}
        </>
      ),
    },
    { head: "Last used", kind: "quiet", cell: ({ seenAt }) => <Time at={seenAt} /> },
    { head: "Since", kind: "quiet", phone: "labelled", cell: ({ createdAt }) => <Time at={createdAt} as="absolute" /> },
    { head: "Until", kind: "quiet", phone: "labelled", cell: ({ expiresAt }) => <Time at={expiresAt} as="absolute" /> },
    {
      head: "End",
      width: "6rem",
      cell: (session) => (
        <Button
          title={endWords(session, me)}
          aria-label={`End: ${endWords(session, me)}`}
          busy={end.isPending}
          onClick={() => end.mutate(session)}
        >
          End
        </Button>
      ),
    },
  ];
  return (
    <Panel title={useMay()("admin") ? "Who is signed in" : "Your sessions"}>
      {end.error && <Trouble error={end.error} />}
      <Loading query={query} rows={2}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty title="No sessions">Keys that commands use, and people whom a proxy signs in, have none.</Empty>
          ) : (
            // What has ended is gone at once: nobody reads on here.
            <DataTable
              key={sessions.map(({ id }) => id).join()}
              label="Sessions"
              rows={sessions}
              columns={columns}
              rowKey={({ id }) => id}
            />
          )
        }
      </Loading>
    </Panel>
  );
}
