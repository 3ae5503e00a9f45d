import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Profile } from "../../../domain/record/profile.ts";
import type { MergeView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel } from "../../parts/page.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { plain } from "../../values/visible.ts";
import styles from "./customer.module.css";
import { mergeInWords } from "./merge-words.ts";

/** Two ids that are one person: merge this customer into another one, or undo a merge. */
export function OnePerson({ profile }: { readonly profile: Profile }): ReactNode {
  const { customerId, alsoKnownAs = [] } = profile;
  const [into, setInto] = useState<string>();
  const [apart, setApart] = useState<string>();
  return (
    <Panel title="One person, several ids">
      {alsoKnownAs.length === 0 ? (
        <p>Nobody is merged into this customer.</p>
      ) : (
        <ul>
          {alsoKnownAs.map((id) => (
            <li key={id} className={styles["tools"]}>
              {plain(id)} is merged into this customer. <Button onClick={() => setApart(id)}>Split off…</Button>
            </li>
          ))}
        </ul>
      )}
      <SearchBox
        label="Merge into another customer: the one that stays"
        placeholder="Name, address or id"
        kinds={["customer"]}
        onChoose={({ id }) => setInto(id)}
      />
      {into !== undefined && <Merge profile={profile} into={into} onClose={() => setInto(undefined)} />}
      {apart !== undefined && <Split customerId={customerId} id={apart} onClose={() => setApart(undefined)} />}
    </Panel>
  );
}

// --- internal ---

function Merge({ profile, into, onClose }: { readonly profile: Profile; readonly into: string; readonly onClose: () => void }): ReactNode {
  const other = useQuery(read<Profile>("customer", pathOf("/v1/customers/{id}", into)));
  const merge = useAct<MergeView>(
    () => ({ path: pathOf("/v1/customers/{id}/merge", profile.customerId), body: { into } }),
    ["customer", "customers", "decisions", "audit"],
  );
  return (
    <Dialog title={`Merge ${plain(profile.customerId)} into ${plain(into)}?`} onClose={onClose}>
      <Loading query={other} rows={3}>
        {(stays) => (
          <ul>
            {mergeInWords(profile, stays).map((line) => (
              <li key={line}>{plain(line, 300)}</li>
            ))}
          </ul>
        )}
      </Loading>
      {merge.error && <Trouble error={merge.error} />}
      <div className={styles["tools"]}>
        <Button
          look="main"
          busy={merge.isPending}
          disabled={!other.data || into === profile.customerId}
          onClick={() => merge.mutate(undefined, { onSuccess: onClose })}
        >
          Merge
        </Button>
        <Button onClick={onClose}>Leave them apart</Button>
      </div>
    </Dialog>
  );
}

function Split({ customerId, id, onClose }: { readonly customerId: string; readonly id: string; readonly onClose: () => void }): ReactNode {
  const split = useAct(() => ({ path: pathOf("/v1/customers/{id}/split", id) }), ["customer", "customers", "decisions", "audit"]);
  return (
    <Dialog title={`Split ${plain(id)} off?`} onClose={onClose}>
      <p>
        Both customers are as they were before the merge, and both are decided again. What was recorded since then stays with{" "}
        {plain(customerId)}.
      </p>
      {split.error && <Trouble error={split.error} />}
      <div className={styles["tools"]}>
        <Button look="main" busy={split.isPending} onClick={() => split.mutate(undefined, { onSuccess: onClose })}>
          Split
        </Button>
        <Button onClick={onClose}>Leave them together</Button>
      </div>
    </Dialog>
  );
}
