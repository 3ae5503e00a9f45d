import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { JudgementView } from "../../../operations/why/views.ts";
import { pathOf, post } from "../../api/client.ts";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Panel } from "../../parts/page.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, ZoneOf } from "../../parts/time.tsx";
import { markOfAction } from "../../values/marks.ts";
import styles from "./why.module.css";

type Judgement = z.infer<typeof JudgementView>;

const judgement = (customer: string) => {
  const path = pathOf("/v1/customers/{id}/judgement", customer);
  return queryOptions({ queryKey: ["customer", path] as const, queryFn: () => post<Judgement>(path) });
};

/** How the customer would be judged if woken now. Nothing is written by asking. */
export function Judged({ customer, experience }: { readonly customer: string; readonly experience: string }): ReactNode {
  const query = useQuery(judgement(customer));
  return (
    <ZoneOf zone={query.data?.decision?.timezone?.name}>
      <Panel title="As if woken now" aside={query.data && <Time at={query.data.at} as="absolute" />}>
        <Loading query={query} rows={3}>
          {(judged) => <Answer judged={judged} experience={experience} />}
        </Loading>
      </Panel>
    </ZoneOf>
  );
}

// --- internal ---

function Answer({
  judged: { answer, decision, explanation, notes },
  experience,
}: {
  readonly judged: Judgement;
  readonly experience: string;
}): ReactNode {
  const change = explanation?.others.find(({ experienceId }) => experienceId === experience)?.change;
  const own = decision?.candidates.filter(({ experienceId }) => experienceId === experience) ?? [];
  const rest = decision?.candidates.filter(({ experienceId }) => experienceId !== experience) ?? [];
  return (
    <>
      <p>
        <Said text={answer} /> <span className={styles["part"]}>Nothing is written by asking, and no language model is asked.</span>
      </p>
      {decision && decision.candidates.length > 0 && (
        <PlainTable heads={["Experience", "What would become of it", "Because"]} isCards>
          {[...own, ...rest].map(({ experienceId, verdict, reasons }) => (
            <tr key={experienceId} data-selected={experienceId === experience || undefined}>
              <th scope="row">
                <Said text={experienceId} most={200} />
              </th>
              <td>
                <Mark kind={verdict === "chosen" ? markOfAction(decision.action) : "held"} />
              </td>
              <td>
                {reasons.map(({ code, detail, channel }) => (
                  <div key={`${code} ${channel} ${detail}`}>
                    <Reason code={code} detail={detail} />
                  </div>
                ))}
                {experienceId === experience && change !== undefined && (
                  <div className={styles["part"]}>
                    Would change it: <Said text={change} />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {notes.map((note) => (
        <p key={note} className={styles["part"]}>
          <Said text={note} />
        </p>
      ))}
    </>
  );
}
