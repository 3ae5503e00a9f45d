import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { RehearsalLine } from "../../../operations/rehearsals/views.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { buttonClass } from "../../parts/button.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { REHEARSAL_MARKS } from "../../values/statuses.ts";
import styles from "./newest.module.css";
import { newestOf, versionWords } from "./words.ts";

/** The newest rehearsal of a version or a proposal, and the way to another one. */
export function NewestRehearsal({ of }: { readonly of: { readonly version: string } | { readonly proposal: string } }): ReactNode {
  const query = useQuery(read<PageOf<"rehearsals", RehearsalLine>>("rehearsals", "/v1/rehearsals", { limit: 200 }));
  const mayPropose = useMay()("propose");
  const start = "proposal" in of ? `proposal:${of.proposal}` : `version:${of.version}`;
  return (
    <Panel
      title="Rehearsal"
      aside={
        mayPropose && (
          <Link to="/rehearsals" search={{ start }} className={buttonClass()}>
            Rehearse
          </Link>
        )
      }
    >
      <Loading query={query} rows={1}>
        {({ rehearsals }) => {
          const newest = newestOf(rehearsals, of);
          if (newest === undefined) return <p>It was not rehearsed lately: what it would do to whom is not known before it goes out.</p>;
          const { rehearsalId, status, request, by, at } = newest;
          return (
            <p className={styles["newest"]}>
              <Mark kind={REHEARSAL_MARKS[status]} word={status === "running" ? "is played" : status} pill />{" "}
              <Link to="/rehearsals/$id" params={{ id: rehearsalId }}>
                The newest, against {versionWords(request.against)}
              </Link>
              , asked for by <Said text={by} most={200} />, <Time at={at} />.
            </p>
          );
        }}
      </Loading>
    </Panel>
  );
}
