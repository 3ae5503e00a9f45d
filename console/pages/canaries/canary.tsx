import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ApprovedCanary, CourseView } from "../../../operations/canaries/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { Details } from "../../parts/details.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { GuardCourse } from "../../pictures/guard-course.tsx";
import { count, share } from "../../values/numbers.ts";
import { CANARY_MARKS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import styles from "./canary.module.css";
import { ApproveCanary, type Noted, StopCanary } from "./end-canary.tsx";
import { endingWords, evidenceWords, timesWords } from "./words.ts";

/** One experience that is tried on a share of customers: whether it does harm, and what may be done about it. */
export function Canary(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<CourseView>("canaries", pathOf("/v1/canaries/{id}", id)));
  const approve = useAct<ApprovedCanary, Noted>(
    ({ note }) => ({ path: pathOf("/v1/canaries/{id}/approve", id), body: { note } }),
    ["canaries", "versions", "policy", "tasks", "audit"],
  );
  const { data: canary } = query;
  // An approved one is no canary any more: what was read of it last stays on the page.
  const approved = approve.data;
  return (
    <Page
      title={canary?.name ?? "Canary"}
      above={<Link to="/canaries">Canaries</Link>}
      answer={approved ? <Approved approved={approved} /> : canary && <State canary={canary} />}
      actions={
        canary &&
        !approved && (
          <>
            <StopCanary canary={canary} />
            <ApproveCanary canary={canary} act={approve} />
          </>
        )
      }
    >
      {approved && canary ? <Body canary={canary} /> : <Loading query={query}>{(loaded) => <Body canary={loaded} />}</Loading>}
    </Page>
  );
}

// --- internal ---

const Approved = ({ approved: { policyVersion, file } }: { readonly approved: ApprovedCanary }): ReactNode => (
  <p role="status">
    <Mark kind="sent" word="approved" pill /> It is for all customers from now on: version <code>{policyVersion.slice(0, 12)}</code> is in
    force, with <Said text={file} most={200} /> changed.
  </p>
);

function State({ canary }: { readonly canary: CourseView }): ReactNode {
  const { state, stopped, startedAt, endsAt, deliveries } = canary;
  const given = `${count(deliveries)} ${deliveries === 1 ? "delivery" : "deliveries"}`;
  if (stopped)
    return (
      <>
        <Mark kind={CANARY_MARKS[state]} word="stopped" pill /> by <Said text={stopped.by} most={200} />, <Time at={stopped.at} />, after{" "}
        {given}: <Said text={stopped.why} />. Nobody gets it until it is approved or its file changes
        {canary.stays ? "; the one before it stays for all." : "."}
      </>
    );
  return (
    <>
      <Mark kind={CANARY_MARKS[state]} word="is tried" pill /> on {share(canary.share)} of customers
      {startedAt === undefined ? (
        ", and no process has decided by it yet."
      ) : (
        <>
          {" "}
          since <Time at={startedAt} as="absolute" />, with {given} so far.
        </>
      )}{" "}
      {endsAt !== undefined && (
        <>
          Its time is over <Time at={endsAt} as="both" />; {endingWords(canary)}.
        </>
      )}
    </>
  );
}

function Body({ canary }: { readonly canary: CourseView }): ReactNode {
  const { experienceId, guards, courses, department, file, startedAt, endsAt, share: part, deliveries, stays } = canary;
  return (
    <Stack>
      <Panel title="What its guards see">
        {guards.length === 0 ? (
          <p>It has no guards: nothing stops it but a person.</p>
        ) : (
          <div className={styles["guards"]}>
            {guards.map((guard, index) => (
              <GuardCourse
                key={guard.guard}
                sentence={`${guard.says}: ${evidenceWords(guard)}.`}
                points={courses[index]?.points ?? []}
                isLeast={courses[index]?.isLeast ?? false}
              />
            ))}
          </div>
        )}
        {guards.length > 0 && (
          <p>
            The evidence may be looked at all the time: all guards together stop a harmless canary in at most 5 of 100 lives. A rate above
            its bound is no evidence by itself while few have got it.
          </p>
        )}
      </Panel>
      <Sight guards={guards} />
      <Panel title="What it is">
        <Details
          of={[
            ["Experience", <Said key="id" text={experienceId} most={200} />],
            ["Department", department === undefined ? undefined : <Said key="department" text={department} most={100} />],
            ["Share", `${share(part)} of customers, the same ones each time`],
            ["Others", stays ? "keep the one that was approved before it" : "get what else wins: nothing was approved before it"],
            ["Deliveries", count(deliveries)],
            ["Since", startedAt === undefined ? undefined : <Time key="since" at={startedAt} />],
            ["Until", endsAt === undefined ? undefined : <Time key="until" at={endsAt} />],
            ["File", <Said key="file" text={file} most={200} />],
            [
              "Decisions",
              <Link key="decisions" to="/decisions" search={{ experience: experienceId }}>
                decisions with {plain(experienceId)}
              </Link>,
            ],
          ]}
        />
      </Panel>
    </Stack>
  );
}

/** How many deliveries it takes each guard to see harm. */
function Sight({ guards }: Pick<CourseView, "guards">): ReactNode {
  const seeing = guards.filter(({ sight }) => sight.length > 0);
  const times = [...new Set(seeing.flatMap(({ sight }) => sight.map((one) => one.times)))].sort((a, b) => a - b);
  if (seeing.length === 0) return null;
  return (
    <Panel title="How many deliveries it takes to see harm">
      <PlainTable heads={["Guard", ...times.map(timesWords)]}>
        {seeing.map(({ guard, sight }) => (
          <tr key={guard}>
            <th scope="row">{guard}</th>
            {times.map((each) => {
              const deliveries = sight.find((one) => one.times === each)?.deliveries;
              return <td key={each}>{deliveries === undefined ? "cannot be" : `about ${count(Number(deliveries.toPrecision(2)))}`}</td>;
            })}
          </tr>
        ))}
      </PlainTable>
      <p>If the rate is exactly so high: about what the median life takes.</p>
    </Panel>
  );
}
