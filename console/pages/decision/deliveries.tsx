import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { Decision } from "../../../domain/entities/decision.ts";
import type { OutcomeView } from "../../../operations/look-up-views.ts";
import { read } from "../../api/queries.ts";
import { Mark } from "../../parts/mark.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import styles from "./decision.module.css";
import { markOfDelivery } from "./words.ts";

type Outcome = z.infer<typeof OutcomeView>;

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
  readonly delivery: Decision["deliveries"][number];
  readonly outcomes: readonly Outcome[];
}

function Delivery({ delivery, outcomes }: DeliveryProps): ReactNode {
  const { channel, to, status, reason, recorded, content = {}, facts } = delivery;
  const texts = Object.entries(content).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== "html");
  return (
    <div className={styles["delivery"]}>
      <p>
        <Mark {...markOfDelivery(status)} />
        <span>
          by <Said text={channel} />
          {to !== undefined && (
            <>
              {" "}
              to <Said text={to} />
            </>
          )}
        </span>
        {recorded && <span className={styles["quiet"]}>recorded only: nothing left this machine</span>}
        {reason !== undefined && (
          <span className={styles["quiet"]}>
            <Said text={reason} />
          </span>
        )}
      </p>
      {texts.map(([name, text]) => (
        <p key={name}>
          {name !== "text" && <span className={styles["quiet"]}>{name}: </span>}
          <Said text={text} />
        </p>
      ))}
      {Object.keys(facts ?? {}).length > 0 && <StatedFacts facts={facts} />}
      <p className={styles["quiet"]}>
        {outcomes.length === 0 ? "Nothing has come of it yet." : "Came of it: "}
        {outcomes.map(({ kind, at }) => (
          <span key={`${kind} ${at}`}>
            {kind} <Time at={at} />{" "}
          </span>
        ))}
      </p>
    </div>
  );
}

/** What the text rests on, each with its source and age. */
function StatedFacts({ facts }: { readonly facts: Decision["deliveries"][number]["facts"] }): ReactNode {
  return (
    <ul className={styles["quiet"]}>
      {Object.entries(facts).map(([name, { value, source, at, doubt }]) => (
        <li key={name}>
          <Said text={`${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`} />, says <Said text={source} />{" "}
          <Time at={at} />
          {doubt !== undefined && (
            <>
              : <Said text={doubt} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
