import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView } from "../../../operations/look-up-views.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Said } from "../../parts/said.tsx";
import { figure } from "../../values/numbers.ts";
import styles from "./approval.module.css";
import { modelReasons, type Rival, rivalsOf, scoreWords } from "./rivals.ts";

type Decision = z.infer<typeof DecisionView>;

const COLUMNS: readonly Column<Rival>[] = [
  { head: "Experience", kind: "text", width: "40%", cell: ({ experienceId }) => <Said text={experienceId} most={200} /> },
  {
    head: "Priority",
    kind: "number",
    width: "7rem",
    phone: "labelled",
    cell: ({ priority, isWould }) => priority !== undefined && `${isWould ? "would be " : ""}${figure(priority)}`,
  },
  {
    head: "Why not",
    kind: "text",
    phone: "whole",
    cell: ({ isChosen, reason }) => (isChosen ? "it won" : reason !== undefined && <Reason code={reason.code} detail={reason.detail} />),
  },
];

/** The priority of the message and its rivals; what a language model said about them stands last, and apart. */
export function Contest({ decision }: { readonly decision: Decision }): ReactNode {
  const said = modelReasons(decision);
  return (
    <>
      {scoreWords(decision, figure) !== undefined && <p>Its priority: {scoreWords(decision, figure)}.</p>}
      <DataTable
        label="Experiences that competed"
        rows={rivalsOf(decision)}
        columns={COLUMNS}
        rowKey={({ experienceId }) => experienceId}
      />
      {said.length > 0 && (
        <section className={styles["model"]} aria-label="Written by a language model">
          <strong>Written by a language model; check it against the text and the facts</strong>
          {said.map(({ experienceId, detail }) => (
            <p key={experienceId + detail}>
              <Said text={experienceId} most={200} />: <Said text={detail} />
            </p>
          ))}
        </section>
      )}
    </>
  );
}
