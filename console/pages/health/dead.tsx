import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { DeadView, Discarded, Revived } from "../../../operations/views.ts";
import { moreOf, readPages, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { RowLink } from "../../parts/table/row-link.tsx";
import { Time } from "../../parts/time.tsx";
import { WhatFollowed } from "../../parts/what-followed.tsx";
import { count, counted } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import styles from "./health.module.css";

type Verb = "revive" | "discard";
interface Asking {
  readonly verb: Verb;
  readonly letters: readonly DeadView[];
}
interface Settled extends Asking {
  readonly at: string;
}

/** The most letters that one request settles. */
const AT_ONCE = 1_000;

/** Signals and timers that were given up, with why; revive or discard them. */
export function DeadLetters(): ReactNode {
  const query = useInfiniteQuery(readPages<PageOf<"dead", DeadView>>("dead", "/v1/dead", { limit: 100 }));
  const mayOperate = useMay()("operate");
  const [asking, setAsking] = useState<Asking>();
  const [settled, setSettled] = useState<Settled>();
  const all = query.data?.pages.flatMap((page) => page.dead) ?? [];
  const ask = (verb: Verb, letters: readonly DeadView[]) => () => setAsking({ verb, letters });
  const columns: readonly Column<DeadView>[] = [
    { head: "What", kind: "text", cell: ({ kind, type, timer }) => <Said text={`${kind} ${type ?? timer ?? ""}`} most={200} /> },
    {
      head: "Customer",
      cell: ({ customerId }) => <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</RowLink>,
    },
    {
      head: "Why",
      kind: "text",
      phone: "whole",
      cell: ({ code, message }) => <Said text={message === "" ? code : `${code}: ${message}`} most={300} />,
    },
    { head: "Tries", kind: "number", width: "4rem", phone: "labelled", cell: ({ tries }) => count(tries) },
    { head: "Since", width: "9.5rem", kind: "text", cell: ({ since }) => <Time at={since} /> },
    {
      head: "",
      width: "12rem",
      cell: (letter) =>
        mayOperate && (
          <span className={styles["buttons"]}>
            <Button onClick={ask("revive", [letter])}>Revive…</Button>
            <Button look="grave" onClick={ask("discard", [letter])}>
              Discard…
            </Button>
          </span>
        ),
    },
  ];
  return (
    <Panel
      title="Dead letters"
      aside={
        mayOperate &&
        all.length > 1 && <Button onClick={ask("revive", all.slice(0, AT_ONCE))}>Revive {query.hasNextPage ? "these" : "all"}…</Button>
      }
    >
      {settled !== undefined && <Result settled={settled} />}
      <Loading query={query} rows={2}>
        {() =>
          all.length === 0 ? (
            <p className={styles["quiet"]}>No signal and no timer was given up.</p>
          ) : (
            <DataTable
              key={settled?.at ?? ""}
              label="Dead letters"
              rows={all}
              columns={columns}
              rowKey={({ id }) => id}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
      {asking !== undefined && (
        <SettleDialog
          {...asking}
          onClose={() => setAsking(undefined)}
          onDone={(at) => {
            setSettled({ ...asking, at });
            setAsking(undefined);
          }}
        />
      )}
    </Panel>
  );
}

// --- internal ---

function Result({ settled: { verb, letters, at } }: { readonly settled: Settled }): ReactNode {
  const [only] = letters;
  if (verb === "revive" && letters.length === 1 && only !== undefined) return <WhatFollowed customerId={only.customerId} at={at} />;
  return <p role="status">{`${counted(letters.length, "letter was", "letters were")} ${verb === "revive" ? "revived" : "discarded"}.`}</p>;
}

function SettleDialog({
  verb,
  letters,
  onClose,
  onDone,
}: Asking & { readonly onClose: () => void; readonly onDone: (at: string) => void }): ReactNode {
  const act = useAct<Revived | Discarded, string | undefined>(
    (note) => ({ path: `/v1/dead/${verb}`, body: { ids: letters.map(({ id }) => id), note } }),
    ["dead", "overview", "inbox", "decisions", "audit"],
  );
  const what = counted(letters.length, "dead letter");
  return (
    <AskFirst
      title={verb === "revive" ? `Revive ${what}?` : `Discard ${what}?`}
      verb={verb === "revive" ? "Revive" : "Discard for good"}
      look={verb === "revive" ? "main" : "grave"}
      note="Note, kept in the audit (optional)"
      busy={act.isPending}
      error={act.error}
      onClose={onClose}
      onDo={(note) => {
        const at = new Date().toISOString();
        act.mutate(note, { onSuccess: () => onDone(at) });
      }}
    >
      <p>
        {verb === "revive"
          ? "They are decided again, as if they had just come; timers keep the time at which they were due."
          : "What they said is never decided. The same signal sent again counts as known. This cannot be undone."}
      </p>
    </AskFirst>
  );
}
