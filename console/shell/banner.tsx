import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PauseView } from "../../operations/views.ts";
import { read } from "../api/queries.ts";
import { Icon } from "../parts/icon.tsx";
import { Said } from "../parts/said.tsx";
import { Time } from "../parts/time.tsx";
import { listed } from "../values/numbers.ts";
import styles from "./banner.module.css";

/** The target of a pause in words: `everything`, `channel sms`. */
export const paused = ({ scope, name }: Pick<PauseView, "scope" | "name">): string => (scope === "all" ? "everything" : `${scope} ${name}`);

/** The pauses, on every page. */
export function Banner(): ReactNode {
  const { data } = useQuery(read<{ readonly pauses: readonly PauseView[] }>("pauses", "/v1/pauses"));
  const [latest, ...others] = data?.pauses ?? [];
  if (latest === undefined) return null;
  return (
    <section aria-label="Pauses" className={styles["banner"]}>
      <Icon name="pause" />
      <strong>Paused: {listed([latest, ...others].map(paused))}</strong>
      <span>
        since <Time at={latest.since} />, by <Said text={latest.by} />
        {latest.note !== undefined && (
          <>
            : <Said text={latest.note} most={200} />
          </>
        )}
      </span>
    </section>
  );
}
