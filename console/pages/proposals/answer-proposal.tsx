import { type ReactNode, useState } from "react";
import type { ProposalOutcome, ProposalView } from "../../../operations/proposals/views.ts";
import { pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { useMay, useSession } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { Said } from "../../parts/said.tsx";
import styles from "./proposal.module.css";
import { whyNot } from "./words.ts";

const TOPICS = ["proposals", "versions", "canaries", "policy", "audit"] as const;

/** Yes or no to a proposal. An approval names the hash of what this page shows: what was changed meanwhile is refused. */
export function AnswerProposal({ proposal }: { readonly proposal: ProposalView }): ReactNode {
  const { proposalId, experienceId, hash } = proposal;
  const mayApprove = useMay()("approve");
  const name = useSession()?.name ?? "";
  const [asking, setAsking] = useState<"approve" | "reject">();
  // Of what was read: a revision that arrives while it is asked does not change it.
  const approve = useAct<ProposalOutcome, { readonly note: string | undefined }>(
    ({ note }) => ({ path: pathOf("/v1/proposals/{id}/approve", proposalId), body: { hash, note } }),
    TOPICS,
  );
  const reject = useAct<ProposalOutcome, { readonly because: string | undefined }>(
    ({ because }) => ({ path: pathOf("/v1/proposals/{id}/reject", proposalId), body: { because } }),
    TOPICS,
  );
  const refused = whyNot(proposal, { name, mayApprove });
  const ask = (what: "approve" | "reject"): void => {
    approve.reset();
    reject.reset();
    setAsking(what);
  };
  const close = (): void => setAsking(undefined);
  return (
    <>
      <p>
        You have read <code className={styles["hash"]}>{hash.slice(0, 16)}</code>: a yes is for this text alone.
      </p>
      <div className={styles["buttons"]}>
        <Button look="main" disabled={refused !== undefined} onClick={() => ask("approve")}>
          Approve…
        </Button>
        {mayApprove && <Button onClick={() => ask("reject")}>Reject…</Button>}
      </div>
      {refused !== undefined && <p>{refused}</p>}
      {asking === "approve" && (
        <AskFirst
          title="Publish this proposal?"
          verb="Approve and publish"
          note="Note, kept in the audit (optional)"
          busy={approve.isPending}
          error={approve.error}
          onClose={close}
          onDo={(note) => approve.mutate({ note }, { onSuccess: close })}
        >
          <p>
            A version is published with <Said text={experienceId} most={200} /> as a canary: it goes to a share of customers first, and its
            guards stop it when it does harm. It is checked anew before that.
          </p>
          <p>
            For the text with the hash <code className={styles["hash"]}>{hash}</code>.
          </p>
        </AskFirst>
      )}
      {asking === "reject" && (
        <AskFirst
          title="Reject this proposal?"
          verb="Reject it"
          look="grave"
          note="Why not? Who has proposed it reads this"
          noteWanted
          busy={reject.isPending}
          error={reject.error}
          onClose={close}
          onDo={(because) => reject.mutate({ because }, { onSuccess: close })}
        >
          <p>A no is final: it can be proposed anew.</p>
        </AskFirst>
      )}
    </>
  );
}
