import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import type { DecisionView, ShownApprovalView } from "../../../operations/look-up-views.ts";
import type { ApprovalView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { Details } from "../../parts/details.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Money } from "../../parts/money.tsx";
import { Columns, Page, Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, ZoneOf } from "../../parts/time.tsx";
import { WhatFollowed } from "../../parts/what-followed.tsx";
import { useKeys } from "../../reader/keys.ts";
import { APPROVAL_MARKS } from "../../values/statuses.ts";
import { MASK, plain } from "../../values/visible.ts";
import styles from "./approval.module.css";
import { Contest } from "./contest.tsx";
import { Message } from "./message.tsx";

type Shown = z.infer<typeof ShownApprovalView>;
type Decision = z.infer<typeof DecisionView>;

/** One message that waits for a yes or a no: the text and the facts first, then why it is asked and what an answer does. */
export function Approval(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<Shown>("approvals", pathOf("/v1/approvals/{id}", id)));
  const shown = query.data;
  const decision = useQuery({
    ...read<Decision>("decisions", pathOf("/v1/decisions/{id}", shown?.decisionId ?? "")),
    enabled: shown !== undefined,
  });
  return (
    <ZoneOf zone={decision.data?.timezone?.name}>
      <Page
        title={shown ? `${shown.experienceId} for ${shown.customerId}` : "Approval"}
        above={<Link to="/approvals">Approvals</Link>}
        answer={shown && <State approval={shown} />}
        actions={shown && <Answer approval={shown} />}
      >
        <Loading query={query}>{(approval) => <Body approval={approval} decision={decision} />}</Loading>
      </Page>
    </ZoneOf>
  );
}

// --- internal ---

const isOpen = ({ state, content, problems }: Shown): boolean =>
  state === "pending" || (state === "approved" && (content ?? problems) !== undefined);

function State({ approval: { state, expiresAt, answeredAt, answeredBy, note, reason } }: { readonly approval: Shown }): ReactNode {
  return (
    <>
      <Mark kind={APPROVAL_MARKS[state]} word={state === "pending" ? "waits for an answer" : state} pill />{" "}
      {state === "pending" && (
        <>
          until <Time at={expiresAt} />
          {reason !== MASK && (
            <>
              : <Said text={reason} />
            </>
          )}
          .
        </>
      )}
      {state === "lapsed" && (
        <>
          Nobody answered before <Time at={expiresAt} />: it became a task.
        </>
      )}
      {answeredBy !== undefined && answeredAt !== undefined && state !== "lapsed" && (
        <>
          by <Said text={answeredBy} most={200} />, <Time at={answeredAt} />
          {note !== undefined && (
            <>
              : “<Said text={note} />”
            </>
          )}
        </>
      )}
    </>
  );
}

function Body({ approval, decision }: { readonly approval: Shown; readonly decision: UseQueryResult<Decision> }): ReactNode {
  const { customerId, state, answeredAt, facts = {} } = approval;
  return (
    <Columns
      beside={
        <>
          <Asked approval={approval} />
          {isOpen(approval) && <Consequences approval={approval} />}
          <Panel title="What it won against">
            <Loading query={decision} rows={3}>
              {(loaded) => <Contest decision={loaded} />}
            </Loading>
          </Panel>
        </>
      }
    >
      {answeredAt !== undefined && (state === "approved" || state === "rejected") && (
        <Panel title="What came of it">
          <WhatFollowed customerId={customerId} at={answeredAt} />
        </Panel>
      )}
      {isOpen(approval) ? (
        <>
          <Panel title="The text as it would go now">
            <Message approval={approval} />
          </Panel>
          <Panel title="The facts that it states">
            {Object.keys(facts).length === 0 ? <p>It states none that come from the customer's record.</p> : <Facts facts={facts} />}
          </Panel>
        </>
      ) : (
        <p>{OVER[state]}</p>
      )}
    </Columns>
  );
}

/** In place of the text, once none would go. */
const OVER: Readonly<Record<Shown["state"], string>> = {
  pending: "",
  approved: "The text that went is with the decision above; one that waits is written anew when it goes.",
  rejected: "No text is written for what was rejected.",
  lapsed: "The time of this message is over: no text is written for it any more.",
};

function Asked({ approval }: { readonly approval: Shown }): ReactNode {
  const { customerId, experienceId, moment, reason, amount, askedAt, expiresAt, decisionId, action, channel } = approval;
  return (
    <Panel title="Why it is asked">
      <Details
        of={[
          ["Rule", <Said key="rule" text={reason} />],
          ["At stake", amount === undefined ? undefined : <Money key="amount" value={amount} />],
          [
            "Customer",
            <Link key="customer" to={`/customers/${encodeURIComponent(customerId)}`}>
              {plain(customerId)}
            </Link>,
          ],
          ["Experience", <Said key="experience" text={experienceId} most={200} />],
          ["Channel", channel === undefined ? undefined : <Said key="channel" text={channel} most={100} />],
          ["Moment", <Said key="moment" text={moment} most={200} />],
          ["Action", action === undefined ? undefined : <Action key="action" {...action} />],
          ["Asked", <Time key="asked" at={askedAt} />],
          ["Expires", <Time key="expires" at={expiresAt} />],
          [
            "Decision",
            <Link key="decision" to={`/decisions/${encodeURIComponent(decisionId)}`}>
              the decision that asked
            </Link>,
          ],
        ]}
      />
    </Panel>
  );
}

const Action = ({ tool, input }: NonNullable<Shown["action"]>): ReactNode => (
  <>
    <Said text={tool} most={100} /> with <Said text={JSON.stringify(input)} most={1_000} />
  </>
);

const Consequences = ({ approval: { moment } }: { readonly approval: Shown }): ReactNode => (
  <Panel title="What an answer does">
    <ul className={styles["steps"]}>
      <li>
        <strong>Yes</strong>: the customer is decided again at once, by the consent, caps, quiet hours and facts of that time. The message
        goes if it still wins.
      </li>
      <li>
        <strong>No</strong>: it does not go for as long as the moment <Said text={moment} most={200} /> is open, and the next best may win.
        A no cannot be taken back.
      </li>
      <li>
        <strong>No answer</strong>: when its time is over it becomes a task for its department.
      </li>
    </ul>
  </Panel>
);

type Verb = "approve" | "reject";

function Answer({ approval }: { readonly approval: Shown }): ReactNode {
  const { approvalId, state } = approval;
  const isAllowed = useMay()("approve") && isOpen(approval);
  const canApprove = isAllowed && state === "pending";
  const [asking, setAsking] = useState<Verb>();
  const act = useAct<ApprovalView, { readonly verb: Verb; readonly note: string | undefined }>(
    ({ verb, note }) => ({ path: pathOf(`/v1/approvals/{id}/${verb}`, approvalId), body: { note } }),
    ["approvals", "decisions", "overview", "tasks"],
  );
  const open = (verb: Verb) => () => {
    act.reset();
    setAsking(verb);
  };
  useKeys({ a: canApprove ? open("approve") : undefined, x: isAllowed ? open("reject") : undefined });
  if (!isAllowed) return null;
  return (
    <>
      {canApprove && (
        <Button look="main" onClick={open("approve")}>
          Approve… <kbd>a</kbd>
        </Button>
      )}
      <Button onClick={open("reject")}>
        Reject… <kbd>x</kbd>
      </Button>
      {asking !== undefined && (
        <AskFirst
          {...ASKED[asking]}
          busy={act.isPending}
          error={act.error}
          onDo={(note) => act.mutate({ verb: asking, note }, { onSuccess: () => setAsking(undefined) })}
          onClose={() => setAsking(undefined)}
        >
          <Answered approval={approval} verb={asking} />
        </AskFirst>
      )}
    </>
  );
}

const ASKED = {
  approve: { title: "Approve this message?", verb: "Approve", look: "main", note: "Note, kept with the approval (optional)" },
  reject: { title: "Reject this message?", verb: "Reject", look: "grave", note: "Why not? Kept with the approval", noteWanted: true },
} as const;

const Answered = ({
  approval: { experienceId, customerId, channel },
  verb,
}: {
  readonly approval: Shown;
  readonly verb: Verb;
}): ReactNode => (
  <p>
    <Said text={experienceId} most={200} /> for <Said text={customerId} most={200} />
    {channel !== undefined && (
      <>
        {" by "}
        <Said text={channel} most={100} />
      </>
    )}
    .{" "}
    {verb === "approve"
      ? "The customer is decided again at once, and the message goes if it still wins. Once it is sent nobody can take it back."
      : "It does not go while its moment is open. A no cannot be taken back."}
  </p>
);
