import { type ReactNode, useState } from "react";
import type { RehearsalLine, RehearsalOutcome } from "../../../operations/rehearsals/views.ts";
import { pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";

/** Ends a rehearsal that waits or is played. */
export function Cancel({ rehearsal }: { readonly rehearsal: Pick<RehearsalLine, "rehearsalId" | "status"> }): ReactNode {
  const mayPropose = useMay()("propose");
  const [isAsking, setAsking] = useState(false);
  const act = useAct<RehearsalOutcome, { readonly note: string | undefined }>(
    ({ note }) => ({ path: pathOf("/v1/rehearsals/{id}/cancel", rehearsal.rehearsalId), body: { note } }),
    ["rehearsals", "audit"],
  );
  if (!mayPropose) return null;
  return (
    <>
      <Button
        onClick={() => {
          act.reset();
          setAsking(true);
        }}
      >
        Cancel…
      </Button>
      {isAsking && (
        <AskFirst
          title="Cancel this rehearsal?"
          verb="Cancel it"
          look="grave"
          note="Note, kept in the audit (optional)"
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => act.mutate({ note }, { onSuccess: () => setAsking(false) })}
        >
          <p>What was played so far is lost. The next one that waits begins.</p>
        </AskFirst>
      )}
    </>
  );
}
