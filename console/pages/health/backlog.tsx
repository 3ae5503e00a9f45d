import type { ReactNode } from "react";
import type { OverviewView } from "../../../operations/monitoring/views.ts";
import { Details } from "../../parts/details.tsx";
import { Panel } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { atLeast } from "../overview/sentences.ts";

/** The backlog of deciding and of handing over, with the age of the oldest. */
export function Backlog({ overview: { waiting, dead, deliveries, undeliverable } }: { readonly overview: OverviewView }): ReactNode {
  const { signals, oldestSignal, timers, oldestTimer } = waiting;
  const open = deliveries.states.filter(({ status }) => status === "reserved" || status === "sending");
  const isOpen = open.reduce((sum, { count }) => sum + count, 0);
  return (
    <Panel title="Backlog">
      <Details
        of={[
          ["Signals", <Waiting key="signals" words={`${atLeast(signals)} not decided yet`} oldest={oldestSignal} />],
          ["Timers", <Waiting key="timers" words={`${atLeast(timers)} due and not fired`} oldest={oldestTimer} />],
          ["Messages", <Waiting key="messages" words={`${isOpen} not handed over`} oldest={deliveries.oldestOpen} />],
          ["Dead letters", atLeast(dead)],
          [
            "Addresses",
            undeliverable.count === 0
              ? "none is undeliverable"
              : `${atLeast(undeliverable)} undeliverable: nothing is sent there until it is made usable again in the customer's record`,
          ],
        ]}
      />
    </Panel>
  );
}

// --- internal ---

const Waiting = ({ words, oldest }: { readonly words: string; readonly oldest: string | undefined }): ReactNode => (
  <>
    {words}
    {oldest !== undefined && (
      <>
        , the oldest since <Time at={oldest} />
      </>
    )}
  </>
);
