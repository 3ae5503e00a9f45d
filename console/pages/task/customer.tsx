import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { ProfileView } from "../../../operations/look-up-views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { counted } from "../../values/numbers.ts";
import styles from "./task.module.css";

type Profile = z.infer<typeof ProfileView>;
type Touch = NonNullable<Profile["touches"]>[number];

const MOST = 8;

const useProfile = (customerId: string) => useQuery(read<Profile>("customer", pathOf("/v1/customers/{id}", customerId)));

const COLUMNS: readonly Column<Touch>[] = [
  { head: "When", width: "9.5rem", kind: "quiet", cell: ({ at }) => <Time at={at} as="absolute" /> },
  {
    head: "How",
    cell: ({ kind, channel }) => (kind === "delivery" ? <Said text={channel} most={100} /> : <Mark kind="task" word={kind} />),
  },
  { head: "Department", cell: ({ department }) => department !== undefined && <Said text={department} most={100} /> },
];

/** The last contacts, whichever department made them. */
export function Contacts({ customerId }: { readonly customerId: string }): ReactNode {
  const query = useProfile(customerId);
  return (
    <Panel
      title="Last contacts, of all departments"
      aside={<Link to={`/customers/${encodeURIComponent(customerId)}`}>the whole story</Link>}
    >
      <Loading query={query} rows={4}>
        {({ touches = [] }) => {
          const latest = touches.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST);
          if (latest.length === 0) return <p className={styles["quiet"]}>Nobody has contacted this customer.</p>;
          return (
            <DataTable
              key={latest[0]?.at ?? ""}
              label="Last contacts"
              rows={latest}
              columns={COLUMNS}
              rowKey={({ at, channel, kind }) => `${at} ${channel} ${kind}`}
            />
          );
        }}
      </Loading>
    </Panel>
  );
}

/** Promises to the customer, and open cases. */
export function Owed({ customerId }: { readonly customerId: string }): ReactNode {
  const query = useProfile(customerId);
  return (
    <Panel title="Owed to this customer">
      <Loading query={query} rows={2}>
        {({ promises = [], openCases = [] }) => (
          <>
            {promises.length === 0 && <p className={styles["quiet"]}>Nothing is promised.</p>}
            {promises.map(({ name, owner, due, overdue }) => (
              <p key={name + due}>
                <Mark kind="waits" word={overdue ? "late" : "owed"} /> <Said text={name} most={200} /> by <Said text={owner} most={100} />,
                due <Time at={due} />
              </p>
            ))}
            <p className={openCases.length === 0 ? styles["quiet"] : undefined}>
              {openCases.length === 0 ? "No case is open." : `${counted(openCases.length, "case is", "cases are")} open: `}
              {openCases.length > 0 && <Said text={openCases.join(", ")} most={300} />}
            </p>
          </>
        )}
      </Loading>
    </Panel>
  );
}
