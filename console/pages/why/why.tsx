import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "../../api/queries.ts";
import { Captions } from "../../parts/details.tsx";
import { Empty } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Columns, Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, useZone, ZoneOf } from "../../parts/time.tsx";
import { WhyLadder } from "../../pictures/why-ladder.tsx";
import { wayWords } from "../../values/messages.ts";
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
      <Stack>
        <Columns beside={<Todo why={why} />}>
          <WhyLadder rungs={rungs} sentence={pictureSentence(why)} />
        </Columns>
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
      </Stack>
    </ZoneOf>
  );
}

function Todo({ why }: { readonly why: Answer }): ReactNode {
  const { customerId, change, ask, rival, decisionId, deliveryId, experienceId } = why;
  const way = wayWords(why);
  return (
    <div className={styles["todo"]}>
      <Captions
        of={[
          ["What would change it", change === undefined ? undefined : <Said key="change" text={change} />],
          ["Whom to ask", ask === undefined ? undefined : <Said key="ask" text={askWords(ask)} />],
          ["What won instead", rival === undefined ? undefined : <Rival key="rival" rival={rival} />],
          ["The decision it rests on", decisionId === undefined ? undefined : <Decision key="decision" id={decisionId} />],
          [
            "Delivery",
            deliveryId === undefined ? undefined : (
              <span key="delivery" className={styles["id"]}>
                {deliveryId}
              </span>
            ),
          ],
          ["How it was written", way === "" ? undefined : <Said key="way" text={way} most={200} />],
          [
            "Customer",
            <Link key="customer" to={`/customers/${encodeURIComponent(customerId)}`}>
              {plain(customerId)}
            </Link>,
          ],
          ["Experience", <Said key="experience" text={experienceId} most={200} />],
        ]}
      />
    </div>
  );
}

const Rival = ({ rival: { experienceId, department } }: { readonly rival: NonNullable<Answer["rival"]> }): ReactNode => (
  <>
    <Said text={experienceId} most={200} />
    {department !== undefined && (
      <>
        {" of "}
        <Said text={department} most={200} />
      </>
    )}
  </>
);

const Decision = ({ id }: { readonly id: string }): ReactNode => (
  <>
    <Link to="/decisions/$id" params={{ id }}>
      Open the decision
    </Link>
    {" · "}
    <Link to="/decisions/$id/sheet" params={{ id }}>
      Sheet to print
    </Link>
  </>
);

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
