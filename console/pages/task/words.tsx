import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Loading } from "../../parts/loading.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./task.module.css";

interface Line {
  readonly at: string;
  readonly by: "customer" | "us";
  readonly channel: string;
  readonly subject?: string;
  readonly text: string;
  readonly department?: string;
  readonly status?: string;
}

const MOST = 6;

/** The last messages in both directions, in order of time. */
export function Words({ customerId }: { readonly customerId: string }): ReactNode {
  const maySee = useMay()("content");
  const query = useQuery({
    ...read<{ readonly lines: readonly Line[] }>("customer", pathOf("/v1/customers/{id}/conversation", customerId), { limit: MOST }),
    enabled: maySee,
  });
  if (!maySee)
    return (
      <Panel title="What was said">
        <p className={styles["quiet"]}>Your role does not show what customers and departments have written.</p>
      </Panel>
    );
  return (
    <Panel
      title="What was said"
      aside={<Link to={`/customers/${encodeURIComponent(customerId)}?tab=conversation`}>the whole conversation</Link>}
    >
      <Loading query={query} rows={3}>
        {({ lines }) =>
          lines.length === 0 ? (
            <p className={styles["quiet"]}>Nobody has written: neither the customer nor we.</p>
          ) : (
            <div className={styles["lines"]}>
              {lines.map((line) => (
                <Spoken key={`${line.at} ${line.by} ${line.text.slice(0, 40)}`} line={line} />
              ))}
            </div>
          )
        }
      </Loading>
    </Panel>
  );
}

// --- internal ---

const Spoken = ({ line: { at, by, channel, subject, text, department, status } }: { readonly line: Line }): ReactNode => (
  <div className={[styles["said"], by === "us" && styles["ours"]].filter(Boolean).join(" ")}>
    <p className={styles["who"]}>
      {by === "customer" ? "The customer" : "We"}, by {channel}
      {department !== undefined && `, ${department}`}
      {status !== undefined && `, ${status}`}, <Time at={at} />
    </p>
    {subject !== undefined && (
      <p>
        <strong>
          <Said text={subject} most={300} />
        </strong>
      </p>
    )}
    <Said text={text} most={1_000} />
  </div>
);
