import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { DifferenceView, PublishedView, ShownVersion } from "../../../operations/versions/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { AskFirst } from "../../parts/ask-first.tsx";
import { Button } from "../../parts/button.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Said } from "../../parts/said.tsx";
import styles from "./version.module.css";
import { changedWords, shortVersion } from "./words.ts";

/** Puts an earlier version in force again, after it has said what that undoes. */
export function RollBack({ version }: { readonly version: ShownVersion }): ReactNode {
  const mayPublish = useMay()("admin");
  const [isAsking, setAsking] = useState(false);
  const act = useAct<PublishedView, { readonly note: string | undefined }>(
    ({ note }) => ({ path: pathOf("/v1/versions/{id}/restore", version.policyVersion), body: { note } }),
    ["versions", "canaries", "policy", "audit"],
  );
  if (!mayPublish) return null;
  return (
    <>
      <Button
        onClick={() => {
          act.reset();
          setAsking(true);
        }}
      >
        Roll back to it…
      </Button>
      {isAsking && (
        <AskFirst
          title="Put this version in force again?"
          verb="Roll back"
          look="grave"
          note="Why? Kept with the version"
          noteWanted
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(false)}
          onDo={(note) => act.mutate({ note }, { onSuccess: () => setAsking(false) })}
        >
          <Undone version={version.policyVersion} />
          <p>Every process follows within two seconds. What the version does not have ends within the hour: moments, waiting messages.</p>
        </AskFirst>
      )}
    </>
  );
}

// --- internal ---

/** The files that are otherwise afterwards. */
function Undone({ version }: { readonly version: string }): ReactNode {
  const query = useQuery(read<DifferenceView>("versions", pathOf("/v1/versions/{id}/diff", version)));
  return (
    <Loading query={query} rows={2}>
      {({ from, files }) => (
        <>
          <p>
            It takes the place of {shortVersion(from)}, and undoes this: {changedWords(files)}
          </p>
          <ul className={styles["undone"]}>
            {files.map(({ file, change }) => (
              <li key={file}>
                {UNDONE[change]} <Said text={file} most={200} isNarrow />
              </li>
            ))}
          </ul>
        </>
      )}
    </Loading>
  );
}

const UNDONE = { added: "brings back", removed: "takes away", changed: "changes back" } as const;
