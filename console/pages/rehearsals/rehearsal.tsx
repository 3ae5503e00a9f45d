import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RehearsalView } from "../../../operations/rehearsals/views.ts";
import { read } from "../../api/queries.ts";
import { useLive } from "../../live/live.ts";
import { Details } from "../../parts/details.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Columns, Page, Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { count } from "../../values/numbers.ts";
import { REHEARSAL_MARKS } from "../../values/statuses.ts";
import { Cancel } from "./cancel.tsx";
import styles from "./rehearsal.module.css";
import { Result } from "./result.tsx";
import { isOver, rehearsalPath, versionWords, withWords } from "./words.ts";

/** How often a rehearsal that is played is looked at where there is no stream, in milliseconds. */
const LOOK_MS = 5_000;

/** One rehearsal: how far it is, then what it found, each number with the decisions behind it. */
export function Rehearsal(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const isLive = useLive().status?.isLive ?? false;
  const query = useQuery({
    ...read<RehearsalView>("rehearsals", rehearsalPath(id)),
    refetchInterval: ({ state: { data } }) => (isLive || data === undefined || isOver(data.status) ? false : LOOK_MS),
  });
  const { data: rehearsal } = query;
  return (
    <Page
      title={rehearsal ? `Rehearsal of ${withWords(rehearsal.request)}` : "Rehearsal"}
      above={<Link to="/rehearsals">Rehearsals</Link>}
      answer={rehearsal && <State rehearsal={rehearsal} />}
      actions={rehearsal && !isOver(rehearsal.status) && <Cancel rehearsal={rehearsal} />}
    >
      <Loading query={query}>{(loaded) => <Body rehearsal={loaded} />}</Loading>
    </Page>
  );
}

// --- internal ---

function State({ rehearsal: { status, by, at, endedAt, request } }: { readonly rehearsal: RehearsalView }): ReactNode {
  return (
    <>
      <Mark kind={REHEARSAL_MARKS[status]} word={STATUS_WORDS[status]} pill /> Against{" "}
      <Link to="/versions/$id" params={{ id: request.against }}>
        {versionWords(request.against)}
      </Link>
      . Asked for by <Said text={by} most={200} />, <Time at={at} />
      {endedAt !== undefined && (
        <>
          ; {status} <Time at={endedAt} />
        </>
      )}
      .
    </>
  );
}

const STATUS_WORDS = {
  waiting: "waits for another one",
  running: "is being played",
  done: "done",
  cancelled: "cancelled",
  failed: "failed",
} as const;

function Body({ rehearsal }: { readonly rehearsal: RehearsalView }): ReactNode {
  const { rehearsalId, request, result } = rehearsal;
  if (!result)
    return (
      <Columns beside={<Asked rehearsal={rehearsal} />}>
        <Course rehearsal={rehearsal} />
      </Columns>
    );
  return <Result rehearsalId={rehearsalId} request={request} result={result} asked={<Asked rehearsal={rehearsal} />} />;
}

/** How far it is, or why there is no result. */
function Course({ rehearsal: { status, progress, error } }: { readonly rehearsal: RehearsalView }): ReactNode {
  return (
    <Panel title="How far it is">
      {status === "waiting" && <p>One is played at a time on a store. This one begins when those before it are over.</p>}
      {status === "running" && (
        <>
          <progress className={styles["progress"]} aria-label="How far it is" value={progress?.done} max={progress?.of} />
          <p>{progress === undefined ? "It begins." : <Said text={progress.text} most={500} />}</p>
        </>
      )}
      {status === "cancelled" && <p>It was cancelled before it was done. What was played until then is not kept.</p>}
      {error !== undefined && (
        <>
          <p>
            <Mark kind="failed" word="failed" />: <Said text={error.message} most={2_000} />
          </p>
          <p>
            <code>{error.code}</code>
          </p>
        </>
      )}
    </Panel>
  );
}

function Asked({ rehearsal: { rehearsalId, request, startedAt, result } }: { readonly rehearsal: RehearsalView }): ReactNode {
  const { with: side, against, days, paths, customers, seed, by, backtest } = request;
  return (
    <Panel title="What was asked">
      <Details
        of={[
          [
            "With",
            "proposal" in side ? (
              <Link key="with" to="/proposals/$id" params={{ id: side.proposal }}>
                the proposal
              </Link>
            ) : (
              <VersionLink key="with" version={side.version} />
            ),
          ],
          ["In", "proposal" in side ? <VersionLink key="in" version={side.version} /> : undefined],
          ["Hash", "proposal" in side ? <code key="hash">{side.hash.slice(0, 16)}…</code> : undefined],
          ["Against", <VersionLink key="against" version={against} />],
          ["Days", count(days)],
          ["Paths", count(paths)],
          [
            "Customers",
            result === undefined
              ? `at most ${count(customers)}`
              : `${count(result.customers)}${result.sampleOf === undefined ? "" : `, a sample of ${count(result.sampleOf)}`}`,
          ],
          ["Seed", <Said key="seed" text={seed} most={200} />],
          ["By field", by === undefined ? undefined : <Said key="by" text={by} most={200} />],
          ["Backtest", backtest === undefined ? undefined : `the last ${count(100 * backtest)} % of the record`],
          ["Begun", startedAt === undefined ? undefined : <Time key="begun" at={startedAt} />],
          ["Rehearsal", <code key="id">{rehearsalId}</code>],
        ]}
      />
    </Panel>
  );
}

const VersionLink = ({ version }: { readonly version: string }): ReactNode => (
  <Link to="/versions/$id" params={{ id: version }}>
    {versionWords(version)}
  </Link>
);
