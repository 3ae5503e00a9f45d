import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { z } from "zod";
import type { DecisionView, RunView } from "../../operations/look-up-views.ts";
import { pathOf } from "../api/client.ts";
import { read } from "../api/queries.ts";
import { markOfDecision } from "../values/marks.ts";
import { runAfter } from "../values/run-after.ts";
import { Mark } from "./mark.tsx";
import { Reason } from "./reason.tsx";
import { Said } from "./said.tsx";
import { Time } from "./time.tsx";
import { Trouble } from "./trouble.tsx";
import styles from "./what-followed.module.css";

type Decision = z.infer<typeof DecisionView>;
type Run = z.infer<typeof RunView>;

/** Runs of the customer that are looked through. */
const LOOK_BACK = 50;
const EACH_MS = 1_000;
/** After so many looks it says that it takes long, and goes on looking. */
const LONG = 8;
/** After so many it stops. */
const MOST = 120;

/** The decision that follows something done: it is waited for, since nothing else says what came of it. */
export function WhatFollowed({ customerId, at }: { readonly customerId: string; readonly at: string }): ReactNode {
  const { data, error, dataUpdatedAt } = useQuery({
    ...read<{ readonly runs: readonly Run[] }>("runs", "/v1/runs", { customer: customerId, limit: LOOK_BACK }),
    refetchInterval: ({ state }) => (runAfter(state.data?.runs ?? [], at) || state.dataUpdateCount > MOST ? false : EACH_MS),
  });
  const looks = useCount(dataUpdatedAt);
  if (error !== null) return <Trouble error={error} />;
  const run = runAfter(data?.runs ?? [], at);
  if (run !== undefined) return run.decisionId === undefined ? <Nothing run={run} /> : <Followed decisionId={run.decisionId} />;
  return (
    <p role="status" className={styles["waits"]}>
      {looks < LONG
        ? "The customer is being decided again. This page waits for it."
        : "No decision has followed yet. Where nothing of this customer is open none will; otherwise the worker may be behind: Health says more."}
    </p>
  );
}

// --- internal ---

/** How often something has changed. */
function useCount(changed: number): number {
  const [count, setCount] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it counts changes, whatever they are.
  useEffect(() => setCount((before) => before + 1), [changed]);
  return count;
}

const Nothing = ({ run: { runId, startedAt } }: { readonly run: Run }): ReactNode => (
  <p role="status">
    The customer was <Link to={`/runs/${encodeURIComponent(runId)}`}>looked at again</Link>, and nothing was to be decided,{" "}
    <Time at={startedAt} />.
  </p>
);

function Followed({ decisionId }: { readonly decisionId: string }): ReactNode {
  const { data, error } = useQuery(read<Decision>("decisions", pathOf("/v1/decisions/{id}", decisionId)));
  if (error !== null) return <Trouble error={error} />;
  return data === undefined ? null : <Told decision={data} />;
}

function Told({ decision }: { readonly decision: Decision }): ReactNode {
  const { decisionId, decidedAt, action, experienceId, channel, until, reasons } = decision;
  const [reason] = reasons;
  return (
    <div role="status" className={styles["followed"]}>
      <Mark {...markOfDecision(decision)} pill />
      <span>
        <Link to={`/decisions/${encodeURIComponent(decisionId)}`}>{WORDS[action]}</Link>
        {experienceId !== undefined && (
          <>
            {" "}
            <Said text={experienceId} most={200} />
          </>
        )}
        {channel !== undefined && (
          <>
            {" by "}
            <Said text={channel} most={100} />
          </>
        )}
        {until !== undefined && (
          <>
            {" until "}
            <Time at={until} />
          </>
        )}
        , <Time at={decidedAt} />.
      </span>
      {reason !== undefined && action !== "deliver" && <Reason code={reason.code} detail={reason.detail} />}
    </div>
  );
}

const WORDS: Readonly<Record<Decision["action"], string>> = {
  deliver: "It was decided to send",
  defer: "It was decided to wait with",
  await_approval: "It was decided to ask for approval of",
  withhold: "It was decided to hold back",
  silence: "It was decided to stay silent",
};
