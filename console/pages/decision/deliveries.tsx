import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { Decision } from "../../../domain/entities/decision.ts";
import type { OutcomeView } from "../../../operations/look-up-views.ts";
import type { DeliveryView } from "../../../operations/why/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { MessagePreview } from "../../parts/messages/message-preview.tsx";
import { Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { markOfDelivery } from "../../values/marks.ts";
import { wayWords } from "../../values/messages.ts";
import styles from "./decision.module.css";

type Outcome = z.infer<typeof OutcomeView>;
type Shown = z.infer<typeof DeliveryView>;
type Kept = Decision["deliveries"][number];

/** The messages of a decision, as they went, with their facts, and what came of them. */
export function Deliveries({ decision: { customerId, deliveries } }: { readonly decision: Decision }): ReactNode {
  const query = useQuery({
    ...read<{ readonly outcomes: readonly Outcome[] }>("deliveries", "/v1/outcomes", { customer: customerId, limit: 200 }),
    enabled: deliveries.length > 0,
  });
  if (deliveries.length === 0) return null;
  const outcomes = query.data?.outcomes ?? [];
  return (
    <Panel title="What went out, and what came of it">
      {query.error && <Trouble error={query.error} again={query.refetch} />}
      {deliveries.map((delivery) => (
        <Delivery
          key={delivery.deliveryId}
          delivery={delivery}
          outcomes={outcomes.filter(({ deliveryId }) => deliveryId === delivery.deliveryId)}
        />
      ))}
    </Panel>
  );
}

// --- internal ---

interface DeliveryProps {
  readonly delivery: Kept;
  readonly outcomes: readonly Outcome[];
}

function Delivery({ delivery, outcomes }: DeliveryProps): ReactNode {
  const may = useMay();
  const { deliveryId, channel, reason, recorded } = delivery;
  const way = wayWords(delivery);
  return (
    <div className={styles["delivery"]}>
      <p>
        <Mark {...markOfDelivery(delivery)} />
        <span>
          by <Said text={channel} />
        </span>
        {way !== "" && (
          <span className={styles["quiet"]}>
            <Said text={way} />
          </span>
        )}
        {recorded && <span className={styles["quiet"]}>nothing left this machine</span>}
        {reason !== undefined && (
          <span className={styles["quiet"]}>
            <Said text={reason} />
          </span>
        )}
      </p>
      {may("content") && <Message deliveryId={deliveryId} />}
      <Outcomes outcomes={outcomes} />
    </div>
  );
}

/** The message as it went, and how it went: its way to the provider, and the receipts. */
function Message({ deliveryId }: { readonly deliveryId: string }): ReactNode {
  const query = useQuery(read<Shown>("deliveries", pathOf("/v1/deliveries/{id}", deliveryId)));
  return (
    <Loading query={query} rows={3}>
      {({ content = {}, hasPage, to, links, loads, facts, history, receipts }) => (
        <Stack>
          <MessagePreview
            content={content}
            page={hasPage ? pathOf("/v1/deliveries/{id}/preview", deliveryId) : undefined}
            to={to}
            links={links}
            loads={loads}
            facts={facts}
          />
          <ol className={styles["way"]} aria-label="How it went">
            {[...history, ...receipts.map(({ kind, at }) => ({ status: `receipt: ${kind}`, at }))].map(({ status, at }) => (
              <li key={`${status} ${at}`}>
                <Said text={status} /> <Time at={at} as="absolute" />
              </li>
            ))}
          </ol>
        </Stack>
      )}
    </Loading>
  );
}

function Outcomes({ outcomes }: { readonly outcomes: readonly Outcome[] }): ReactNode {
  if (outcomes.length === 0) return <p className={styles["quiet"]}>Nothing has come of it yet.</p>;
  return (
    <p>
      Came of it:{" "}
      {outcomes.map(({ kind, at }) => (
        <span key={`${kind} ${at}`}>
          {kind} <Time at={at} />{" "}
        </span>
      ))}
    </p>
  );
}
