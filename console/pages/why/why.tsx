import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "../../api/queries.ts";
import { Empty } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, useZone, ZoneOf } from "../../parts/time.tsx";
import { WhyLadder } from "../../pictures/why-ladder.tsx";
import { plain } from "../../values/visible.ts";
import { type Why as Answer, askWords, pictureSentence, sentenceOf } from "./answer.ts";
import { Judged } from "./judged.tsx";
import { Looks } from "./looks.tsx";
import { Question } from "./question.tsx";
import styles from "./why.module.css";
import { around, windowOf } from "./window.ts";

/** Why a customer got an experience, or did not: the sentence, the ladder, and the decisions it rests on. */
export function Why(): ReactNode {
  const { customer = "", experience = "", from, to } = useFilters();
  const zone = useZone();
  const isAsked = customer !== "" && experience !== "";
  const query = useQuery({
    ...read<Answer>("decisions", "/v1/why", { customer, experience, ...windowOf({ from, to }, zone) }),
    enabled: isAsked,
  });
  const answer = isAsked ? query.data : undefined;
  return (
    <Page title={isAsked ? `Why ${experience}, ${customer}?` : "Why?"} answer={answer && <Said text={sentenceOf(answer)} />}>
      <Question />
      {isAsked ? (
        <Loading query={query}>{(why) => <Ladder why={why} />}</Loading>
      ) : (
        <Empty title="Ask about one customer and one experience" command="sentient why CUSTOMER EXPERIENCE">
          The answer is the first step that said no, from the catalogue to what came of it.
        </Empty>
      )}
      {customer !== "" && <Judged customer={customer} experience={experience} />}
    </Page>
  );
}

// --- internal ---

function Ladder({ why }: { readonly why: Answer }): ReactNode {
  const { rungs, timezone, looks, searched } = why;
  return (
    <ZoneOf zone={timezone}>
      <div className={styles["stack"]}>
        <div className={styles["columns"]}>
          <WhyLadder rungs={rungs} sentence={pictureSentence(why)} />
          <Todo why={why} />
        </div>
        <Panel
          title="Decisions that looked at it"
          aside={
            <>
              <Time at={searched.from} as="absolute" /> to <Time at={searched.to} as="absolute" />
            </>
          }
        >
          {searched.whole ? null : <p className={styles["part"]}>Older decisions of this time were not read, or are forgotten.</p>}
          {looks.length === 0 ? <NoLooks why={why} /> : <Looks looks={looks} rests={why.decisionId} />}
        </Panel>
      </div>
    </ZoneOf>
  );
}

function Todo({ why: { customerId, change, ask, rival, decisionId, deliveryId, experienceId } }: { readonly why: Answer }): ReactNode {
  return (
    <dl className={styles["todo"]}>
      {change !== undefined && (
        <div>
          <dt>What would change it</dt>
          <dd>
            <Said text={change} />
          </dd>
        </div>
      )}
      {ask !== undefined && (
        <div>
          <dt>Whom to ask</dt>
          <dd>
            <Said text={askWords(ask)} />
          </dd>
        </div>
      )}
      {rival !== undefined && (
        <div>
          <dt>What won instead</dt>
          <dd>
            <Said text={rival.experienceId} most={200} />
            {rival.department !== undefined && (
              <>
                {" "}
                of <Said text={rival.department} most={200} />
              </>
            )}
          </dd>
        </div>
      )}
      {decisionId !== undefined && (
        <div>
          <dt>The decision it rests on</dt>
          <dd>
            <Link to="/decisions/$id" params={{ id: decisionId }}>
              Open the decision
            </Link>
            {" · "}
            <Link to="/decisions/$id/sheet" params={{ id: decisionId }}>
              Sheet to print
            </Link>
          </dd>
        </div>
      )}
      {deliveryId !== undefined && (
        <div>
          <dt>Delivery</dt>
          <dd className={styles["id"]}>{deliveryId}</dd>
        </div>
      )}
      <div>
        <dt>Customer</dt>
        <dd>
          <Link to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</Link>
        </dd>
      </div>
      <div>
        <dt>Experience</dt>
        <dd>
          <Said text={experienceId} most={200} />
        </dd>
      </div>
    </dl>
  );
}

function NoLooks({ why: { lastLook } }: { readonly why: Answer }): ReactNode {
  const zone = useZone();
  if (!lastLook) return <Empty title="No decision looked at it">Not in this time, and not before.</Empty>;
  const { from, to } = around(lastLook.decidedAt, zone);
  return (
    <Empty title="No decision looked at it in this time">
      The latest before was on <Time at={lastLook.decidedAt} />:{" "}
      <Link to="." search={(before: Readonly<Record<string, string | undefined>>) => ({ ...before, from, to })}>
        ask about the days around it
      </Link>
      .
    </Empty>
  );
}
