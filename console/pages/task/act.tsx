import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Outcome, TaskView } from "../../../operations/views.ts";
import { Problem, pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { useMay, useSession } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { ReturnTask } from "../../parts/return-task.tsx";
import { Said } from "../../parts/said.tsx";
import { useKeys } from "../../reader/keys.ts";
import { allowedOn } from "./allowed.ts";
import styles from "./task.module.css";

const TOPICS = ["tasks", "overview", "decisions", "promises", "customer", "audit"] as const;
const CONTACTS = [
  ["", "no"],
  ["call", "by a call"],
  ["visit", "in person"],
  ["chat", "in a chat"],
] as const;
type Contact = (typeof CONTACTS)[number][0];

/** Claim, take over, return, end a task; whether the customer was contacted. */
export function TaskActions({ task }: { readonly task: TaskView }): ReactNode {
  const { taskId, state, claimedBy } = task;
  const mayWork = useMay()("task");
  const allowed = allowedOn(task, useSession()?.name, mayWork);
  const [asking, setAsking] = useState<"take-over" | "done">();
  const claim = useAct<Outcome<TaskView>, { readonly takeOver: boolean; readonly note?: string | undefined }>(
    ({ takeOver, note }) => ({ path: pathOf("/v1/tasks/{id}/claim", taskId), body: { note, ...(takeOver ? { takeOver } : {}) } }),
    TOPICS,
  );
  const claimIt = (): void => claim.mutate({ takeOver: false });
  const endIt = (): void => setAsking("done");
  useKeys({ c: allowed.claim && !claim.isPending ? claimIt : undefined, d: allowed.end ? endIt : undefined });
  if (!mayWork) return null;
  return (
    <>
      {allowed.claim && (
        <Button look="main" busy={claim.isPending} onClick={claimIt}>
          Claim <kbd>c</kbd>
        </Button>
      )}
      {allowed.takeOver && <Button onClick={() => setAsking("take-over")}>Take over…</Button>}
      {allowed.end && (
        <Button {...(allowed.isMine ? { look: "main" as const } : {})} onClick={endIt}>
          {state === "done" ? "Contacted…" : "Done…"} <kbd>d</kbd>
        </Button>
      )}
      {allowed.isMine && <ReturnTask task={task} />}
      <Faster error={claim.error} onTakeOver={() => setAsking("take-over")} />
      {asking === "take-over" && <TakeOverDialog claim={claim} claimedBy={claimedBy} onClose={() => setAsking(undefined)} />}
      {asking === "done" && <DoneDialog task={task} onClose={() => setAsking(undefined)} />}
    </>
  );
}

// --- internal ---

type Claim = UseMutationResult<Outcome<TaskView>, Problem, { readonly takeOver: boolean; readonly note?: string | undefined }>;

/** Another person was faster: the page has looked again, and says who. */
function Faster({ error, onTakeOver }: { readonly error: Error | null; readonly onTakeOver: () => void }): ReactNode {
  if (!(error instanceof Problem)) return null;
  if (error.status !== 409)
    return (
      <p role="alert">
        It was not claimed: <Said text={error.message} most={300} />
      </p>
    );
  const who = /claimed by (.+?) since/.exec(error.message)?.[1];
  return (
    <p role="alert">
      {who === undefined ? "It cannot be claimed any more." : <Said text={`${who} was faster and has it.`} most={300} />}{" "}
      {who !== undefined && (
        <Button look="bare" onClick={onTakeOver}>
          Take over…
        </Button>
      )}
    </p>
  );
}

function TakeOverDialog({
  claim,
  claimedBy,
  onClose,
}: {
  readonly claim: Claim;
  readonly claimedBy: string | undefined;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <AskFirst
      title="Take over this task?"
      verb="Take over"
      note="Note for the other one, kept in the audit (optional)"
      busy={claim.isPending}
      error={claim.error instanceof Problem && claim.error.status === 409 ? null : claim.error}
      onClose={onClose}
      onDo={(note) => claim.mutate({ takeOver: true, note }, { onSuccess: onClose })}
    >
      <p>
        <Said text={claimedBy ?? "Another person"} most={200} /> has claimed it. Ask them first, so that the customer is not called twice.
      </p>
    </AskFirst>
  );
}

function DoneDialog({ task: { taskId, state, promiseId }, onClose }: { readonly task: TaskView; readonly onClose: () => void }): ReactNode {
  const [contact, setContact] = useState<Contact>(state === "done" ? "call" : "");
  const act = useAct<Outcome<TaskView>, string | undefined>(
    (note) => ({ path: pathOf("/v1/tasks/{id}/done", taskId), body: { note, ...(contact === "" ? {} : { contacted: contact }) } }),
    TOPICS,
  );
  return (
    <AskFirst
      title={state === "done" ? "Was the customer contacted?" : "Is this task done?"}
      verb={state === "done" ? "Record the contact" : "It is done"}
      note="Note, kept with the task (optional)"
      busy={act.isPending}
      error={act.error}
      onClose={onClose}
      onDo={(note) => act.mutate(note, { onSuccess: onClose })}
    >
      <fieldset className={styles["choices"]}>
        <legend>Was the customer contacted?</legend>
        {CONTACTS.filter(([kind]) => state !== "done" || kind !== "").map(([kind, words]) => (
          <label key={kind}>
            <input type="radio" name="contacted" checked={contact === kind} onChange={() => setContact(kind)} />
            {words}
          </label>
        ))}
      </fieldset>
      <p className={styles["quiet"]}>
        A contact counts like a message: limits of contacts see it, and a reply that is owed is kept by it.
        {promiseId !== undefined && " The promise behind this task is kept with it; a reply that is owed only by a contact."}
      </p>
    </AskFirst>
  );
}
