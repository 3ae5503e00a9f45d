import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { ApprovedCanary, CanaryView, StoppedCanary } from "../../../operations/canaries/views.ts";
import { type Problem, pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { Said } from "../../parts/said.tsx";
import { share } from "../../values/numbers.ts";

/** Why something is done. */
export interface Noted {
  readonly note: string | undefined;
}

/** Stops it for all customers, with a reason. */
export function StopCanary({ canary }: { readonly canary: CanaryView }): ReactNode {
  const mayStop = useMay()("operate") && canary.state === "running";
  const [isAsking, setAsking] = useState(false);
  const act = useAct<StoppedCanary, Noted>(
    ({ note }) => ({ path: pathOf("/v1/canaries/{id}/stop", canary.experienceId), body: { note } }),
    ["canaries", "tasks", "audit", "overview"],
  );
  if (!mayStop) return null;
  return (
    <>
      <Button
        onClick={() => {
          act.reset();
          setAsking(true);
        }}
      >
        Stop…
      </Button>
      {isAsking && (
        <AskFirst
          title="Stop this canary?"
          verb="Stop it"
          look="grave"
          note="Why? Its department reads it in a task"
          noteWanted
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => act.mutate({ note }, { onSuccess: () => setAsking(false) })}
        >
          <p>
            <Said text={canary.name} most={200} /> goes to nobody any more. It stays stopped until it is approved, or its file changes; its
            department gets a task.
          </p>
        </AskFirst>
      )}
    </>
  );
}

export interface ApproveCanaryProps {
  readonly canary: CanaryView;
  readonly act: UseMutationResult<ApprovedCanary, Problem, Noted>;
}

/** Publishes a version in which it is for all customers. */
export function ApproveCanary({ canary, act }: ApproveCanaryProps): ReactNode {
  const mayPublish = useMay()("admin");
  const [isAsking, setAsking] = useState(false);
  if (!mayPublish) return null;
  return (
    <>
      <Button
        look="main"
        onClick={() => {
          act.reset();
          setAsking(true);
        }}
      >
        Approve…
      </Button>
      {isAsking && (
        <AskFirst
          title="Approve it for all customers?"
          verb="Publish it approved"
          note="Note, kept with the version (optional)"
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => act.mutate({ note }, { onSuccess: () => setAsking(false) })}
        >
          <p>
            A version is published with <Said text={canary.file} most={200} /> changed: its status is approved, and the block canary is
            gone. Until now {share(canary.share)} of customers could get it; from then on its guards stop nothing.
          </p>
          {canary.stopped && (
            <p>
              It is stopped: <Said text={canary.stopped.why} />
            </p>
          )}
        </AskFirst>
      )}
    </>
  );
}
