import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import type { Outcome, PauseView, ResumeView } from "../../../operations/views.ts";
import type { PolicyView } from "../../../operations/why/views.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { counted } from "../../values/numbers.ts";
import { PAUSABLE, pauseWords, type Scope } from "../../values/pauses.ts";
import styles from "./health.module.css";

type Target = Pick<PauseView, "scope" | "name">;

const TOPICS = ["pauses", "overview", "deliveries", "audit"] as const;

/** Pauses, by whom and why; pausing and resuming. */
export function Pauses(): ReactNode {
  const query = useQuery(read<{ readonly pauses: readonly PauseView[] }>("pauses", "/v1/pauses"));
  const mayOperate = useMay()("operate");
  const [asking, setAsking] = useState<"pause" | PauseView>();
  const [resumed, setResumed] = useState<{ readonly target: Target; readonly result: ResumeView }>();
  const columns: readonly Column<PauseView>[] = [
    { head: "Paused", kind: "text", cell: (pause) => <strong>{pauseWords(pause)}</strong> },
    { head: "Since", width: "9.5rem", kind: "text", cell: ({ since }) => <Time at={since} /> },
    { head: "By", cell: ({ by }) => <Said text={by} most={200} /> },
    { head: "Note", kind: "text", phone: "whole", cell: ({ note }) => note !== undefined && <Said text={note} /> },
    { head: "", width: "8rem", cell: (pause) => mayOperate && <Button onClick={() => setAsking(pause)}>Resume…</Button> },
  ];
  return (
    <Panel title="Pauses" aside={mayOperate && <Button onClick={() => setAsking("pause")}>Pause…</Button>}>
      {resumed !== undefined && (
        <p role="status">
          {pauseWords(resumed.target)} goes on; {counted(resumed.result.wakes.length, "customer is", "customers are")} decided again.
        </p>
      )}
      <Loading query={query} rows={2}>
        {({ pauses }) =>
          pauses.length === 0 ? (
            <p className={styles["quiet"]}>Nothing is paused.</p>
          ) : (
            <DataTable key={pauses.map(pauseWords).join()} label="Pauses" rows={pauses} columns={columns} rowKey={pauseWords} />
          )
        }
      </Loading>
      {asking === "pause" && <PauseDialog onClose={() => setAsking(undefined)} />}
      {typeof asking === "object" && (
        <ResumeDialog
          pause={asking}
          onClose={() => setAsking(undefined)}
          onDone={(result) => {
            setAsking(undefined);
            setResumed({ target: asking, result });
          }}
        />
      )}
    </Panel>
  );
}

// --- internal ---

const targetOf = ({ scope, name }: Target) => (scope === "all" ? { scope } : { scope, name });

function PauseDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data: policy } = useQuery(read<z.infer<typeof PolicyView>>("policy", "/v1/policy"));
  const [scope, setScope] = useState<Scope>("channel");
  const [named, setNamed] = useState("");
  const names: Readonly<Record<Scope, readonly string[]>> = {
    channel: policy?.channels.map((channel) => channel.name) ?? [],
    department: policy?.departments ?? [],
    agent: PAUSABLE,
    all: [],
  };
  const name = names[scope].includes(named) ? named : names[scope][0];
  const act = useAct<Outcome<PauseView>, string | undefined>(
    (note) => ({ path: "/v1/pause", body: { target: targetOf({ scope, name }), note } }),
    TOPICS,
  );
  return (
    <AskFirst
      title="Pause"
      verb={scope === "all" ? "Pause everything" : `Pause ${scope} ${name ?? ""}`}
      look="grave"
      note="Why? Everybody sees it on every page"
      noteWanted
      busy={act.isPending}
      error={act.error}
      onClose={onClose}
      onDo={(note) => act.mutate(note, { onSuccess: onClose })}
    >
      <div className={styles["fields"]}>
        <label>
          What
          <select value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
            <option value="channel">a channel</option>
            <option value="department">a department</option>
            <option value="agent">an agent</option>
            <option value="all">everything</option>
          </select>
        </label>
        {scope !== "all" && (
          <label>
            Which
            <select value={name} onChange={(event) => setNamed(event.target.value)}>
              {names[scope].map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p>{EFFECT[scope]} Messages already with a provider cannot be called back. It works at once, and until somebody resumes it.</p>
    </AskFirst>
  );
}

const EFFECT: Readonly<Record<Scope, string>> = {
  channel: "Nothing goes out on this channel; experiences may go by another one.",
  department: "Nothing of this department goes out.",
  agent: "This agent does not work; what needs it waits.",
  all: "Nothing goes out to anybody. Signals are still accepted and decided.",
};

function ResumeDialog({
  pause,
  onClose,
  onDone,
}: {
  readonly pause: PauseView;
  readonly onClose: () => void;
  readonly onDone: (result: ResumeView) => void;
}): ReactNode {
  const act = useAct<ResumeView, string | undefined>(
    (note) => ({ path: "/v1/resume", body: { target: targetOf(pause), note } }),
    [...TOPICS, "decisions"],
  );
  return (
    <AskFirst
      title={`Resume ${pauseWords(pause)}?`}
      verb="Resume"
      note="Note, kept in the audit (optional)"
      busy={act.isPending}
      error={act.error}
      onClose={onClose}
      onDo={(note) => act.mutate(note, { onSuccess: onDone })}
    >
      <p>Messages that waited for it go out, and customers whose messages it held are decided again.</p>
    </AskFirst>
  );
}
