import type { ReactNode } from "react";
import type { z } from "zod";
import type { ShownApprovalView } from "../../../operations/look-up-views.ts";
import { apiUrl, pathOf } from "../../api/client.ts";
import { Mark } from "../../parts/mark.tsx";
import { Said } from "../../parts/said.tsx";
import { valueText } from "../../values/facts.ts";
import { plain } from "../../values/visible.ts";
import styles from "./approval.module.css";

type Shown = z.infer<typeof ShownApprovalView>;

/** The message exactly as it would go now: its fields as text, a mail also as the page that it is. */
export function Message({ approval }: { readonly approval: Shown }): ReactNode {
  const { approvalId, channel, to, content, html, problems = [], heldBy = [] } = approval;
  if (content === undefined)
    return (
      <p className={styles["warning"]}>
        {problems.length === 0
          ? "There is no text any more: the time of this message is over."
          : problems.map(({ code, detail, todo }) => <Problem key={code + detail} detail={detail} todo={todo} />)}
      </p>
    );
  const fields = Object.entries(content);
  const isWritten = (value: unknown): boolean => html !== undefined && isMarkup(value);
  return (
    <div className={styles["message"]}>
      <p className={styles["field"]}>
        by <Said text={channel ?? "an unknown channel"} most={100} />
        {to !== undefined && (
          <>
            {" to "}
            <Said text={to} most={300} />
          </>
        )}
      </p>
      {fields
        .filter(([, value]) => !isWritten(value))
        .map(([name, value]) => (
          <Field key={name} name={name} value={value} />
        ))}
      {html !== undefined && (
        <div className="not-printed">
          <p className={styles["field"]}>as the customer sees it; links and pictures from elsewhere are off</p>
          <iframe
            className={styles["frame"]}
            title="The mail as the customer sees it"
            sandbox=""
            src={apiUrl(pathOf("/v1/approvals/{id}/preview", approvalId))}
          />
        </div>
      )}
      {fields
        .filter(([, value]) => isWritten(value))
        .map(([name, value]) => (
          <details key={name}>
            <summary>The {plain(name)} as it is written</summary>
            <Field name={name} value={value} />
          </details>
        ))}
      {heldBy.map(({ code, detail }) => (
        <p key={code} className={styles["warning"]}>
          <Mark kind="held" word="would be held back now" /> <Said text={detail} />
        </p>
      ))}
    </div>
  );
}

// --- internal ---

const isMarkup = (value: unknown): boolean => typeof value === "string" && /<[a-z!/]/i.test(value);

const Field = ({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode => (
  <div>
    <p className={styles["field"]}>
      <Said text={name} most={100} />
    </p>
    <p className={name === "subject" || name === "title" ? styles["subject"] : styles["body"]}>
      <Said text={valueText(value).trim()} most={16_384} />
    </p>
  </div>
);

const Problem = ({ detail, todo }: { readonly detail: string; readonly todo: string }): ReactNode => (
  <span>
    The text cannot be written now: <Said text={detail} />. <Said text={todo} />
  </span>
);
