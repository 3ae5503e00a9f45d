import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { BehindView, RehearsalView } from "../../../operations/rehearsals/views.ts";
import { foundIn } from "../../../rehearsal/results/words.ts";
import { read } from "../../api/queries.ts";
import { Loading } from "../../parts/loading.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { RowLink } from "../../parts/table/row-link.tsx";
import { plain } from "../../values/visible.ts";
import type { ToCell } from "./figures.tsx";
import styles from "./rehearsal.module.css";
import { Simulated } from "./simulated.tsx";
import { pathsWords, rehearsalPath } from "./words.ts";

/** Customers behind a number. */
export type BehindPage = PageOf<"decisions", BehindView>;

interface LeftOutProps {
  readonly rehearsalId: string;
  readonly forward: NonNullable<RehearsalView["result"]>["forward"];
  readonly toCell: ToCell;
}

/** What it would cost, and whom it would leave out: in sentences, then who. */
export function LeftOut({ rehearsalId, forward, toCell }: LeftOutProps): ReactNode {
  const path = `${rehearsalPath(rehearsalId)}/decisions`;
  const of = (cell: string) => read<BehindPage>("rehearsals", path, { part: "forward", cell, limit: MOST_NAMED + 1 });
  const [leftOut, reached] = [useQuery(of("leftOut")), useQuery(of("reached"))];
  const people =
    leftOut.data?.decisions.map(({ customerId }) => ({ customerId: plain(customerId, 100), against: 0, with: 0, rule: "" })) ?? [];
  return (
    <>
      <div className={styles["found"]}>
        {foundIn({ ...forward, leftOut: people }).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        {leftOut.data?.decisions.length === 0 && <p>It would leave nobody out who gets something otherwise.</p>}
      </div>
      <People title="Left out more often" query={leftOut} to={toCell("forward", "leftOut")} />
      <People title="Reached more often" query={reached} to={toCell("forward", "reached")} />
    </>
  );
}

// --- internal ---

/** Customers who are named here; the page of the cell has more. */
const MOST_NAMED = 10;

interface PeopleProps {
  readonly title: string;
  readonly query: ReturnType<typeof useQuery<BehindPage>>;
  readonly to: string;
}

const People = ({ title, query, to }: PeopleProps): ReactNode => (
  <Loading query={query} rows={2}>
    {({ decisions }) =>
      decisions.length > 0 && (
        <div>
          <h3>
            {title} <Simulated />
          </h3>
          <PlainTable heads={["Customer", "Gets nothing, against", "Gets nothing, with", "Rule"]}>
            {decisions.slice(0, MOST_NAMED).map(({ customerId, against, with: other }) => (
              <tr key={customerId}>
                <th scope="row">
                  <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId, 100)}</RowLink>
                </th>
                <td>{pathsWords(against?.share)}</td>
                <td>{pathsWords(other?.share)}</td>
                <td>
                  <Said text={[...new Set([...(other?.codes ?? []), ...(against?.codes ?? [])])].join(", ")} most={200} />
                </td>
              </tr>
            ))}
          </PlainTable>
          {decisions.length > MOST_NAMED && <RowLink to={to}>All of them</RowLink>}
        </div>
      )
    }
  </Loading>
);
