import { type FormEvent, type ReactNode, useState } from "react";
import type { ProposalOutcome, ProposalView } from "../../../operations/proposals/views.ts";
import { pathOf } from "../../api/client.ts";
import { useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Button, FormButtons } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import styles from "./proposal.module.css";

/** Replaces the experience of an open proposal. Who does it does not approve it either. */
export function ReviseProposal({ proposal }: { readonly proposal: ProposalView }): ReactNode {
  const mayPropose = useMay()("propose");
  const [isAsking, setAsking] = useState(false);
  if (!mayPropose) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Revise…</Button>
      {isAsking && <Revise proposal={proposal} onClose={() => setAsking(false)} />}
    </>
  );
}

// --- internal ---

function Revise({ proposal, onClose }: { readonly proposal: ProposalView; readonly onClose: () => void }): ReactNode {
  const { proposalId, experience } = proposal;
  const [text, setText] = useState(experience.text);
  const act = useAct<ProposalOutcome, string>(
    (typed) => ({ path: pathOf("/v1/proposals/{id}/revise", proposalId), body: { experience: { file: experience.file, text: typed } } }),
    ["proposals", "audit"],
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!act.isPending) act.mutate(text, { onSuccess: onClose });
  };
  return (
    <Dialog title="Revise this proposal" onClose={onClose}>
      <form className={styles["form"]} onSubmit={submit}>
        <label>
          The experience, as YAML
          <textarea className={styles["text"]} value={text} spellCheck={false} onChange={({ target }) => setText(target.value)} />
        </label>
        <p>It is checked again, and has another hash: whoever has read it reads it anew. Who revises it does not approve it.</p>
        {act.error !== null && <Trouble error={act.error} />}
        <FormButtons verb="Revise it" busy={act.isPending} onBack={onClose} />
      </form>
    </Dialog>
  );
}
