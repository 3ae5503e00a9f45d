import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { OverviewView } from "../../../operations/monitoring/views.ts";
import { read } from "../../api/queries.ts";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { useNow } from "../../reader/now.ts";
import { modelSentence, sentencesOf } from "../overview/sentences.ts";
import { Backlog } from "./backlog.tsx";
import { DeadLetters } from "./dead.tsx";
import { Calls, HandOvers } from "./hand-overs.tsx";
import styles from "./health.module.css";
import { Pauses } from "./pauses.tsx";

/** Whether it works: what is stuck, what went wrong, and what is paused. */
export function Health(): ReactNode {
  const query = useQuery(read<OverviewView>("overview", "/v1/overview"));
  const now = useNow();
  const overview = query.data;
  return (
    <Page title="Health" answer={overview && stuckWords(overview, now)}>
      <Pauses />
      <Loading query={query} rows={4}>
        {(loaded) => (
          <div className={styles["stack"]}>
            <Backlog overview={loaded} />
            <p className={styles["quiet"]}>{modelSentence(loaded)}</p>
          </div>
        )}
      </Loading>
      <DeadLetters />
      <HandOvers />
      <Calls />
    </Page>
  );
}

// --- internal ---

const stuckWords = (overview: OverviewView, now: number): string =>
  sentencesOf(overview, Math.max(now, Date.parse(overview.at)))
    .filter(({ asks }) => asks === "What is stuck?")
    .flatMap(({ pieces }) => pieces.map((piece) => (typeof piece === "string" ? piece : piece.text)))
    .join("");
