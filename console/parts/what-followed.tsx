import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView } from "../../operations/look-up-views.ts";
import { read } from "../api/queries.ts";
import { decisionAfter } from "../values/after-answer.ts";
import { markOfAction } from "../values/marks.ts";
import { Mark } from "./mark.tsx";
import { Reason } from "./reason.tsx";
import { Said } from "./said.tsx";
import { Time } from "./time.tsx";
import { Trouble } from "./trouble.tsx";
import styles from "./what-followed.module.css";

type Decision = z.infer<typeof DecisionView>;

export interface WhatFollowedProps {
  readonly customerId: string;
  /** When it was done. */
  readonly at: string;
  /** The decision that led to it. */
  readonly before?: string;
}

/** Decisions of a customer that are looked through for the one that follows. */
const LOOK_BACK = 50;
const EACH_MS = 1_000;

/** The decision that follows something done: it is waited for, since nothing else says what came of it. */
export function WhatFollowed({ customerId, at, before }: WhatFollowedProps): ReactNode {
  const { data, error } = useQuery({
    ...read<{ readonly decisions: readonly Decision[] }>("decisions", "/v1/decisions", { customer: customerId, limit: LOOK_BACK }),
    refetchInterval: ({ state }) => (decisionAfter(state.data?.decisions ?? [], at, before) ? false : EACH_MS),
  });
  if (error !== null) return <Trouble error={error} />;
  const followed = decisionAfter(data?.decisions ?? [], at, before);
  if (followed === undefined)
    return (
      <p role="status" className={styles["waits"]}>
        The customer is being decided again. This page waits for it.
      </p>
    );
  return <Followed decision={followed} />;
}

// --- internal ---

function Followed({ decision }: { readonly decision: Decision }): ReactNode {
  const { decisionId, decidedAt, action, experienceId, channel, until, reasons, deliveries } = decision;
  const [reason] = reasons;
  const [delivery] = deliveries;
  return (
    <div role="status" className={styles["followed"]}>
      <Mark kind={markOfAction(action)} pill />
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
        {delivery !== undefined && `, now ${delivery.status}`}
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
