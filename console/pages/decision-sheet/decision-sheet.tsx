import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView, ExplanationView } from "../../../operations/look-up-views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useSession } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Code } from "../../parts/code.tsx";
import { Captions } from "../../parts/details.tsx";
import { Loading } from "../../parts/loading.tsx";
import { DeliveryMessage } from "../../parts/messages/delivery-message.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { ZoneOf } from "../../parts/time.tsx";
import { wayWords } from "../../values/messages.ts";
import { longTime } from "../../values/zone-time.ts";
import { waysOf } from "../decision/words.ts";
import styles from "./decision-sheet.module.css";

type Decision = z.infer<typeof DecisionView>;
type Explanation = z.infer<typeof ExplanationView>;

/** One decision on one sheet, for a customer or a regulator: what, why, why not the others, the facts, and under which policy. */
export function DecisionSheet(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const decision = useQuery(read<Decision>("decisions", pathOf("/v1/decisions/{id}", id)));
  const explanation = useQuery(read<Explanation>("decisions", pathOf("/v1/decisions/{id}/explanation", id)));
  return (
    <Page
      title="Explanation of a decision"
      above={
        <Link to="/decisions/$id" params={{ id }} className="not-printed">
          The decision
        </Link>
      }
      answer={explanation.data && <Said text={explanation.data.headline} />}
      actions={
        <Button look="main" onClick={() => window.print()}>
          Print
        </Button>
      }
    >
      <Loading query={decision}>
        {(loaded) => (
          <ZoneOf zone={loaded.timezone?.name}>
            <div className={styles["sheet"]}>
              <Identity decision={loaded} />
              <Loading query={explanation}>{(told) => <Told explanation={told} />}</Loading>
              <Messages decision={loaded} />
              <details className="not-printed">
                <summary>The whole record, as JSON</summary>
                <Code text={JSON.stringify(loaded, null, 2)} label="The decision as JSON" />
              </details>
            </div>
          </ZoneOf>
        )}
      </Loading>
    </Page>
  );
}

// --- internal ---

function Identity({ decision }: { readonly decision: Decision }): ReactNode {
  const { decisionId, runId, customerId, decidedAt, timezone, policyVersion } = decision;
  const workspace = useSession()?.workspace;
  const at = Date.parse(decidedAt);
  const zone = timezone?.name ?? "UTC";
  const lines: readonly (readonly [string, string])[] = [
    ...(workspace === undefined ? [] : [["Workspace", workspace] as const]),
    ["Customer", customerId],
    ["Decided", `${longTime(at, zone)}${timezone?.from === "workspace" ? ", the workspace's zone" : ", the customer's zone"}`],
    ["The same in UTC", longTime(at, "UTC")],
    ...waysOf(decision),
    ["Policy version", policyVersion],
    ["Decision", decisionId],
    ["Run", runId],
  ];
  return <Captions of={lines.map(([name, value]) => [name, <Said key={name} text={value} most={200} />])} />;
}

function Told({ explanation: { why, others, smallestChange } }: { readonly explanation: Explanation }): ReactNode {
  return (
    <div className={styles["sheet"]}>
      <Panel title="Why">
        {why.map((sentence) => (
          <p key={sentence}>
            <Said text={sentence} />
          </p>
        ))}
      </Panel>
      {others.length > 0 && (
        <Panel title="Why not the others">
          <PlainTable heads={["Experience", "Why not", "What would have changed it"]} isCards>
            {others.map(({ experienceId, why: reason, change }) => (
              <tr key={experienceId}>
                <th scope="row">
                  <Said text={experienceId} most={200} />
                </th>
                <td>
                  <Said text={reason} />
                </td>
                <td>
                  <Said text={change} />
                </td>
              </tr>
            ))}
          </PlainTable>
          {smallestChange !== undefined && (
            <p>
              <Said text={smallestChange} />
            </p>
          )}
        </Panel>
      )}
    </div>
  );
}

/** The messages, with the facts they rest on. A mail is its text here: paper shows no frame. */
function Messages({ decision: { deliveries } }: { readonly decision: Decision }): ReactNode {
  return deliveries.map(({ deliveryId, channel, variant, locale, status, reason, content }) => (
    <Panel
      key={deliveryId}
      title={[`The message by ${channel}`, wayWords({ variant, locale })].filter(Boolean).join(", ")}
      aside={reason === undefined ? status : `${status}: ${reason}`}
    >
      {content ? <DeliveryMessage deliveryId={deliveryId} isPrinted /> : <p>No text was written.</p>}
    </Panel>
  ));
}
