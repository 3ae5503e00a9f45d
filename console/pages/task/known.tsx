import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../api/session.ts";
import { Details } from "../../parts/details.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { plain } from "../../values/visible.ts";
import { type BriefLine, briefOf, recordFacts } from "./brief.ts";
import styles from "./task.module.css";

/** What the task brings along, and the facts of the record that it states. */
export function Known({ facts }: { readonly facts: Readonly<Record<string, unknown>> }): ReactNode {
  const lines = briefOf(facts);
  const stated = recordFacts(facts);
  if (!useMay()("content")) return <p className={styles["quiet"]}>Your role does not show the facts of tasks.</p>;
  if (Object.keys(facts).length === 0) return <p className={styles["quiet"]}>The task brings no facts.</p>;
  return (
    <>
      {lines.length > 0 && <Details of={lines.map((line) => [plain(line.name), <Line key={line.name} line={line} />])} />}
      {Object.keys(stated).length > 0 && <Facts facts={stated} />}
    </>
  );
}

// --- internal ---

function Line({ line: { at, text, list, approval } }: { readonly line: BriefLine }): ReactNode {
  if (at !== undefined) return <Time at={at} />;
  if (approval !== undefined) return <Link to={`/approvals/${encodeURIComponent(approval)}`}>the approval that nobody answered</Link>;
  if (list === undefined) return <Said text={text ?? ""} most={500} />;
  return (
    <ul>
      {list.map((entry, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries of one list have no other name.
        <li key={place}>
          {entry.at !== undefined && (
            <>
              <Time at={entry.at} as="absolute" />
              {": "}
            </>
          )}
          <Said text={entry.text} most={500} />
        </li>
      ))}
    </ul>
  );
}
