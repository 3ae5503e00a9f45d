import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Fragment, type ReactNode, useState } from "react";
import type { z } from "zod";
import type { RunView } from "../../../operations/look-up-views.ts";
import type { Outcome, RetryView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { Code, Copy } from "../../parts/code.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Details } from "../../parts/details.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { WhatFollowed } from "../../parts/what-followed.tsx";
import type { RecordedStep } from "../../pictures/run-steps.layout.ts";
import { RunSteps } from "../../pictures/run-steps.tsx";
import { valueText } from "../../values/facts.ts";
import { markOfAction } from "../../values/marks.ts";
import { count } from "../../values/numbers.ts";
import { CALL_MARKS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import { wakeWords } from "../../values/wakes.ts";

/** A run with what its list leaves out. A viewer's has neither steps nor calls. */
type Run = z.infer<typeof RunView> & {
  readonly wake?: unknown;
  readonly steps?: readonly RecordedStep[];
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number; readonly usd: number };
  readonly toolCalls?: readonly Call[];
};

interface Call {
  readonly key: string;
  readonly tool: string;
  readonly status: string;
  readonly attempts: number;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: unknown;
}

/** One execution of the graph: its steps in time, its questions to a language model, its calls. */
export function Run(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<Run>("runs", pathOf("/v1/runs/{id}", id)));
  const run = query.data;
  return (
    <Page
      title={run ? `Run for ${run.customerId}` : "Run"}
      above={<Link to="/runs">Runs</Link>}
      answer={run && <Answer run={run} />}
      actions={run && <Retry run={run} />}
    >
      <Loading query={query}>{(loaded) => <Body run={loaded} />}</Loading>
    </Page>
  );
}

// --- internal ---

function Answer({ run: { wake, action, decisionId, experienceId, decisions, status } }: { readonly run: Run }): ReactNode {
  const all = decisions ?? (action === undefined || decisionId === undefined ? [] : [{ action, decisionId, experienceId }]);
  return (
    <>
      Woken by <Said text={wakeWords(wake)} most={200} />.{all.length === 0 && ` It is ${status}, without a decision.`}
      {all.map((one, index) => (
        <Fragment key={one.decisionId}>
          {" "}
          <Mark kind={markOfAction(one.action)} />{" "}
          <Link to={`/decisions/${encodeURIComponent(one.decisionId)}`}>
            {all.length === 1 ? "its decision" : `decision ${index + 1}`}
            {one.experienceId === undefined ? "" : ": "}
            {one.experienceId !== undefined && <Said text={one.experienceId} most={200} />}
          </Link>
        </Fragment>
      ))}
    </>
  );
}

function Body({ run }: { readonly run: Run }): ReactNode {
  const { runId, customerId, traceId, startedAt, finishedAt, status, policyVersion, usage, steps = [], toolCalls = [] } = run;
  return (
    <Stack>
      {steps.length > 0 && (
        <Panel title="Steps and questions">
          <RunSteps steps={steps} />
        </Panel>
      )}
      <Panel title="Calls of tools">
        {toolCalls.length === 0 ? (
          <p>It called no tool with a side effect.</p>
        ) : (
          <DataTable label="Calls of tools" rows={toolCalls} columns={CALLS} rowKey={({ key }) => key} />
        )}
      </Panel>
      <Panel title="Record">
        <Details
          of={[
            ["Run", <Id key="id" text={runId} />],
            [
              "Customer",
              <Link key="customer" to={`/customers/${encodeURIComponent(customerId)}`}>
                {plain(customerId)}
              </Link>,
            ],
            ["Status", status],
            ["Began", <Time key="began" at={startedAt} />],
            ["Ended", finishedAt === undefined ? undefined : <Time key="ended" at={finishedAt} />],
            [
              "Language model",
              usage === undefined || usage.inputTokens + usage.outputTokens === 0
                ? "was not asked, or cost nothing"
                : `${count(usage.inputTokens)} tokens in, ${count(usage.outputTokens)} out, $${usage.usd.toFixed(4)}`,
            ],
            ["Policy", policyVersion === undefined ? undefined : <Id key="policy" text={policyVersion} />],
            traceId === undefined
              ? ["In traces", <Id key="trace" text={`sentient.run.id = ${runId}`} />]
              : ["Trace", <Id key="trace" text={traceId} />],
          ]}
        />
      </Panel>
      <Panel title="As JSON">
        <details>
          <summary>The whole run</summary>
          <Code label="The run as JSON" text={JSON.stringify(run, null, 2)} />
        </details>
      </Panel>
    </Stack>
  );
}

const Id = ({ text }: { readonly text: string }): ReactNode => (
  <>
    <code>
      <Said text={text} most={300} />
    </code>{" "}
    <Copy text={text} />
  </>
);

const CALLS: readonly Column<Call>[] = [
  { head: "Tool", kind: "text", width: "12rem", cell: ({ tool }) => <Said text={tool} most={200} /> },
  { head: "Status", width: "8rem", cell: ({ status }) => <Mark kind={CALL_MARKS[status] ?? "waits"} word={status} /> },
  { head: "Attempts", kind: "number", width: "6rem", phone: "labelled", cell: ({ attempts }) => count(attempts) },
  { head: "Input", kind: "text", phone: "whole", cell: ({ input }) => <Said text={valueText(input)} most={400} /> },
  {
    head: "Answer",
    kind: "text",
    phone: "whole",
    cell: ({ output, error }) => <Said text={valueText(error ?? output ?? undefined)} most={400} />,
  },
];

function Retry({ run }: { readonly run: Run }): ReactNode {
  const isAllowed = useMay()("operate");
  const [isAsking, setAsking] = useState(false);
  const [retried, setRetried] = useState<{ readonly at: string; readonly result: Outcome<RetryView> }>();
  const act = useAct<Outcome<RetryView>, { readonly force: boolean; readonly note: string | undefined }>(
    ({ force, note }) => ({ path: pathOf("/v1/runs/{id}/retry", run.runId), body: { note, ...(force ? { force } : {}) } }),
    ["runs", "decisions", "deliveries", "calls", "overview"],
  );
  const isUncertain = act.error !== null && "status" in act.error && act.error.status === 409 && /--force/.test(act.error.message);
  if (!isAllowed) return null;
  return (
    <>
      {retried !== undefined && <WhatFollowed customerId={retried.result.customerId} at={retried.at} />}
      <Button
        onClick={() => {
          act.reset();
          setAsking(true);
        }}
      >
        Retry…
      </Button>
      {isAsking && (
        <AskFirst
          title="Decide again what this run has left undone?"
          verb={isUncertain ? "Decide again all the same" : "Decide again"}
          look={isUncertain ? "grave" : "main"}
          note="Note, kept in the audit (optional)"
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => {
            const at = new Date().toISOString();
            act.mutate(
              { force: isUncertain, note },
              {
                onSuccess: (result) => {
                  setAsking(false);
                  setRetried({ at, result });
                },
              },
            );
          }}
        >
          <p>
            Messages that failed are not sent again as they were: their moments are opened again, and the customer is decided anew, by the
            consent, caps and facts of now.
          </p>
          {isUncertain && <p>Nobody knows whether its message went out. Ask the provider first: deciding again may repeat it.</p>}
        </AskFirst>
      )}
    </>
  );
}
