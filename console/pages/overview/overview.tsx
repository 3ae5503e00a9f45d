import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { OverviewView } from "../../../operations/monitoring/views.ts";
import { read } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { useNow } from "../../reader/now.ts";
import { count } from "../../values/numbers.ts";
import { DELIVERY_MARKS } from "../../values/statuses.ts";
import styles from "./overview.module.css";
import { atLeast, modelSentence, type Sentence, sentencesOf } from "./sentences.ts";

type Queue = OverviewView["queues"][number];
type State = OverviewView["deliveries"]["states"][number];

const QUEUES: readonly Column<Queue>[] = [
  { head: "Queue", kind: "main", cell: ({ queue }) => <Said text={queue} most={100} /> },
  { head: "Open", kind: "number", width: "5rem", phone: "labelled", cell: ({ open }) => atLeast(open) },
  { head: "Claimed", kind: "number", width: "5rem", phone: "labelled", cell: ({ claimed }) => count(claimed) },
  { head: "Late", kind: "number", width: "4rem", phone: "labelled", cell: ({ overdue }) => count(overdue) },
  { head: "Next due", kind: "quiet", cell: ({ nextDue }) => nextDue !== undefined && <Time at={nextDue} /> },
];

const HANDED: readonly Column<State>[] = [
  { head: "Channel", kind: "main", cell: ({ channel }) => <Said text={channel} most={100} /> },
  { head: "Status", cell: ({ status }) => <Mark kind={DELIVERY_MARKS[status] ?? "waits"} word={status} /> },
  { head: "Messages", kind: "number", width: "6rem", phone: "labelled", cell: (state) => count(state.count) },
];

/** What waits for people, what is late, what is stuck, and today against the usual day. */
export function Overview(): ReactNode {
  const query = useQuery(read<OverviewView>("overview", "/v1/overview"));
  return (
    <Page title="Overview">
      <Loading query={query}>{(overview) => <Told overview={overview} />}</Loading>
    </Page>
  );
}

// --- internal ---

function Told({ overview }: { readonly overview: OverviewView }): ReactNode {
  // The page is younger than the answer, or the reader's clock differs: what matters is how long things have waited by the server's.
  const now = Math.max(useNow(), Date.parse(overview.at));
  const isNew = overview.usual === undefined && overview.today.decisions === 0;
  const { queues, deliveries } = overview;
  return (
    <div className={styles["page"]}>
      <div className={styles["sentences"]}>
        {sentencesOf(overview, now).map((sentence) => (
          <Answer key={sentence.asks} sentence={sentence} />
        ))}
      </div>
      <p className={styles["model"]}>{modelSentence(overview)}</p>
      {isNew && (
        <Empty
          title="Nothing has been decided yet"
          command="npx sentient signal --customer c-1 --type message.received --data '{&quot;text&quot;: &quot;Hello&quot;}'"
        >
          Each signal about a customer leads to a decision, within a second. Send the first one from a terminal, or import customers with
          npx sentient customers import.
        </Empty>
      )}
      <div className={styles["tables"]}>
        {queues.length > 0 && (
          <Panel title="Tasks by queue">
            <DataTable
              key={queues.map(({ queue }) => queue).join()}
              label="Tasks by queue"
              rows={queues}
              columns={QUEUES}
              rowKey={({ queue }) => queue}
              rowTo={({ queue }) => `/tasks?queue=${encodeURIComponent(queue)}`}
            />
          </Panel>
        )}
        {deliveries.states.length > 0 && (
          <Panel title="Messages that are open or went wrong" aside="in 7 days">
            <DataTable
              key={deliveries.states.map(({ channel, status }) => `${channel} ${status}`).join()}
              label="Messages by channel and status"
              rows={deliveries.states}
              columns={HANDED}
              rowKey={({ channel, status }) => `${channel} ${status}`}
              rowTo={({ channel, status }) => `/health?${new URLSearchParams({ status, channel })}`}
            />
          </Panel>
        )}
      </div>
    </div>
  );
}

const MARKS = { calm: undefined, people: "task", late: "waits", stuck: "failed" } as const;
const WORDS = { calm: "", people: "for people", late: "late", stuck: "stuck" } as const;

function Answer({ sentence: { asks, look, pieces } }: { readonly sentence: Sentence }): ReactNode {
  const mark = MARKS[look];
  return (
    <section className={styles["sentence"]} aria-label={asks}>
      <h2 className={styles["asks"]}>
        {asks}
        {mark !== undefined && <Mark kind={mark} word={WORDS[look]} pill />}
      </h2>
      <p className={styles["told"]}>
        {pieces.map((piece) =>
          typeof piece === "string" ? (
            piece
          ) : (
            <Link key={piece.to + piece.text} to={piece.to}>
              {piece.text}
            </Link>
          ),
        )}
      </p>
    </section>
  );
}
