import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import type { Decision as Kept } from "../../../domain/entities/decision.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { buttonClass } from "../../parts/button.tsx";
import { Code } from "../../parts/code.tsx";
import { Captions } from "../../parts/details.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, ZoneOf } from "../../parts/time.tsx";
import { neighboursOf } from "../../reader/walk.ts";
import { markOfDecision } from "../../values/marks.ts";
import { figure, share } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import styles from "./decision.module.css";
import { Deliveries } from "./deliveries.tsx";
import { Explanation } from "./explanation.tsx";
import { WhatIf } from "./what-if.tsx";
import { occasionOf, titleOf, waysOf } from "./words.ts";

/** One decision: what, why, why not the others, what came of it, and its record. */
export function Decision(): ReactNode {
  const { id = "" } = useParams({ strict: false }) as { readonly id?: string };
  const query = useQuery(read<Kept>("decisions", pathOf("/v1/decisions/{id}", id)));
  const { data } = query;
  return (
    <ZoneOf zone={data?.timezone?.name}>
      <Page
        title={data === undefined ? "Decision" : titleOf(data)}
        above={<Back />}
        actions={<Neighbours sheet={pathOf("/decisions/{id}/sheet", id)} />}
        answer={
          data && (
            <>
              <Mark {...markOfDecision(data)} pill /> <Time at={data.decidedAt} />
            </>
          )
        }
      >
        <Loading query={query}>{(decision) => <Parts decision={decision} />}</Loading>
      </Page>
    </ZoneOf>
  );
}

// --- internal ---

function Parts({ decision }: { readonly decision: Kept }): ReactNode {
  return (
    <Stack>
      <Explanation decision={decision} />
      <Deliveries decision={decision} />
      <WhatIf decision={decision} />
      <Panel title="What it rests on">
        <Facts decision={decision} />
      </Panel>
      <details className="not-printed">
        <summary>As JSON</summary>
        <Code label="The record as JSON" text={JSON.stringify(decision, null, 2)} />
      </details>
    </Stack>
  );
}

/** To the list that the reader came from, as it was filtered. */
function Back(): ReactNode {
  const address = useRouterState({ select: ({ location }) => location.pathname });
  return (
    <>
      <Icon name="back" />
      <Link to={neighboursOf(address).list ?? "/decisions"}>Decisions</Link>
    </>
  );
}

/** Previous and next in the list that the reader came from, and the explanation for others. */
function Neighbours({ sheet }: { readonly sheet: string }): ReactNode {
  const address = useRouterState({ select: ({ location }) => location.pathname });
  const { previous, next } = neighboursOf(address);
  return (
    <>
      <Link to={sheet} className={buttonClass()}>
        Sheet to print
      </Link>
      {previous !== undefined && (
        <Link to={previous} className={buttonClass()}>
          <Icon name="back" />
          Newer
        </Link>
      )}
      {next !== undefined && (
        <Link to={next} className={buttonClass()}>
          Older
          <Icon name="forward" />
        </Link>
      )}
    </>
  );
}

function Facts({ decision }: { readonly decision: Kept }): ReactNode {
  const { customerId, wake, moments = [], probability, holdout, policyVersion, runId, supersedes, until, timezone, hour } = decision;
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    [
      "Customer",
      <Link key="c" to={`/customers/${encodeURIComponent(customerId)}`}>
        {plain(customerId)}
      </Link>,
    ],
    ["Woken by", occasionOf(wake)],
    ...waysOf(decision).map(([name, text]) => [name, <Said key={name} text={text} most={200} />] as const),
    ["Open moments", <Moments key="m" moments={moments} />],
    ...(until === undefined ? [] : [["Judged again", <Time key="u" at={until} />] as const]),
    ...(hour === undefined
      ? []
      : [
          [
            "Hour",
            <Fragment key="h">
              <Time at={hour.at} as="absolute" />, drawn with a probability of {figure(hour.probability)}
            </Fragment>,
          ] as const,
        ]),
    ["Chance", probability < 1 ? `chosen with a probability of ${figure(probability)}` : "had no part"],
    ...(holdout === undefined
      ? []
      : [["Control group", `${holdout.group}, ${share(holdout.share)} of customers in ${holdout.period}`] as const]),
    ["Zone", timezone === undefined ? "" : `${timezone.name}, ${timezone.from === "customer" ? "the customer's own" : "the workspace's"}`],
    [
      "Policy",
      <code key="p" title={policyVersion}>
        {policyVersion.slice(0, 12)}
      </code>,
    ],
    [
      "Run",
      <Link key="r" to={`/runs/${encodeURIComponent(runId)}`}>
        {runId.slice(0, 12)}
      </Link>,
    ],
    ...(supersedes === undefined
      ? []
      : [
          [
            "Replaced",
            <Link key="s" to={`/decisions/${encodeURIComponent(supersedes)}`}>
              the decision before
            </Link>,
          ] as const,
        ]),
  ];
  return <Captions of={facts} />;
}

function Moments({ moments }: { readonly moments: Kept["moments"] }): ReactNode {
  if (moments.length === 0) return "none";
  return moments.map(({ name, expiresAt }) => (
    <Fragment key={name}>
      <Said text={name} />
      {expiresAt !== undefined && (
        <span className={styles["quiet"]}>
          {" "}
          until <Time at={expiresAt} as="absolute" />
        </span>
      )}
      <br />
    </Fragment>
  ));
}
