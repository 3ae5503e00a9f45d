import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { Decision } from "../../../domain/entities/decision.ts";
import type { ExplanationView } from "../../../operations/look-up-views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { type Search, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { DecisionWaterfall } from "../../pictures/decision-waterfall.tsx";
import { counted } from "../../values/numbers.ts";
import { MASK } from "../../values/visible.ts";
import styles from "./decision.module.css";

type Explained = z.infer<typeof ExplanationView>;

/** The headline, the picture, the smallest change, the reasons in words, and the others with theirs. */
export function Explanation({ decision }: { readonly decision: Decision }): ReactNode {
  const { candidate } = useFilters();
  const navigate = useNavigate();
  const query = useQuery(read<Explained>("decisions", pathOf("/v1/decisions/{id}/explanation", decision.decisionId)));
  const select = (key: string): void => {
    void navigate({ to: ".", search: (before: Search) => ({ ...before, candidate: key }), replace: true, resetScroll: false });
  };
  return (
    <>
      <Loading query={query} rows={1}>
        {({ headline }) =>
          headline !== MASK && (
            <p className={styles["headline"]}>
              <Said text={headline} />
            </p>
          )
        }
      </Loading>
      <Panel title="Why this, and why not the others">
        <DecisionWaterfall decision={decision} selected={candidate} onSelect={select} />
      </Panel>
      <Loading query={query} rows={3}>
        {(explained) => <Words explained={explained} selected={candidate?.split(" ")[0]} />}
      </Loading>
    </>
  );
}

// --- internal ---

function Words({ explained, selected }: { readonly explained: Explained; readonly selected: string | undefined }): ReactNode {
  const { why, others, smallestChange } = explained;
  if (!useMay()("content"))
    return <p className={styles["quiet"]}>The reasons in words name values and texts of the customer, which your role does not show.</p>;
  return (
    <Stack>
      {smallestChange !== undefined && (
        <p className={styles["smallest"]}>
          <Said text={smallestChange} />
        </p>
      )}
      <Panel title="In words">
        <ul className={styles["why"]}>
          {why.map((sentence) => (
            <li key={sentence}>
              <Said text={sentence} />
            </li>
          ))}
        </ul>
      </Panel>
      {others.length > 0 && (
        <Panel title="What would change it" aside={counted(others.length, "other")}>
          <ul>
            {others.map((other) => (
              <li
                key={`${other.experienceId} ${other.why}`}
                className={styles["other"]}
                data-selected={other.experienceId === selected || undefined}
              >
                <strong>
                  <Said text={other.experienceId} />
                </strong>
                <Said text={other.why} />
                <span className={styles["change"]}>
                  <Said text={other.change} />
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </Stack>
  );
}
