import { type ReactNode, useState } from "react";
import type { Outcome, TaskView } from "../../operations/views.ts";
import { pathOf } from "../api/client.ts";
import { useAct } from "../api/queries.ts";
import { plain } from "../values/visible.ts";
import { AskFirst } from "./ask-first.tsx";
import { Button } from "./button.tsx";

/** Gives a task back to its queue, with a note for the next person. */
export function ReturnTask({ task: { taskId, queue } }: { readonly task: Pick<TaskView, "taskId" | "queue"> }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const act = useAct<Outcome<TaskView>, string | undefined>(
    (note) => ({ path: pathOf("/v1/tasks/{id}/return", taskId), body: { note } }),
    ["tasks", "overview", "customer", "audit"],
  );
  return (
    <>
      <Button onClick={() => setAsking(true)}>Return to queue…</Button>
      {isAsking && (
        <AskFirst
          title="Return this task to its queue?"
          verb="Return it"
          note="Note for the next person, kept with the task (optional)"
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => act.mutate(note, { onSuccess: () => setAsking(false) })}
        >
          <p>It goes back to the queue {plain(queue)} and belongs to nobody. Anyone there can claim it.</p>
        </AskFirst>
      )}
    </>
  );
}
