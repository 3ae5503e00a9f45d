import type { ReactNode } from "react";
import type { z } from "zod";
import type { ShownApprovalView } from "../../../operations/look-up-views.ts";
import { pathOf } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Mark } from "../../parts/mark.tsx";
import { MessagePreview } from "../../parts/messages/message-preview.tsx";
import { Said } from "../../parts/said.tsx";
import styles from "./approval.module.css";

type Shown = z.infer<typeof ShownApprovalView>;

/** The message exactly as it would go now: its fields as text, a mail also as the page that it is. */
export function Message({ approval }: { readonly approval: Shown }): ReactNode {
  const { approvalId, to, content, html, links, loads, problems = [], heldBy = [] } = approval;
  const maySee = useMay()("content");
  if (content === undefined)
    return (
      <p className={styles["warning"]}>
        {problems.length === 0
          ? "There is no text any more: the time of this message is over."
          : problems.map(({ code, detail, todo }) => <Problem key={code + detail} detail={detail} todo={todo} />)}
      </p>
    );
  if (!maySee) return <p>Your role does not show texts and addresses of customers.</p>;
  const { body } = content;
  return (
    <div className={styles["message"]}>
      <MessagePreview
        {...{ content, to, links, loads }}
        page={html === undefined ? undefined : pathOf("/v1/approvals/{id}/preview", approvalId)}
        source={html !== undefined && typeof body === "string" ? body : undefined}
      />
      {heldBy.map(({ code, detail }) => (
        <p key={code} className={styles["warning"]}>
          <Mark kind="held" word="would be held back now" /> <Said text={detail} />
        </p>
      ))}
    </div>
  );
}

// --- internal ---

const Problem = ({ detail, todo }: { readonly detail: string; readonly todo: string }): ReactNode => (
  <span>
    The text cannot be written now: <Said text={detail} />. <Said text={todo} />
  </span>
);
