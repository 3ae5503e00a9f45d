import type { ReactNode } from "react";
import { holdLive, useLive } from "../live/live.ts";
import { Time } from "../parts/time.tsx";
import styles from "./live-status.module.css";

/** Says above the page that it does not follow, and since when. */
export function NotLive(): ReactNode {
  const { status } = useLive();
  return (
    <div role="status" className="not-printed">
      {status?.isLive === false && (
        <div className={styles["lost"]}>
          Not live since <Time at={new Date(status.since).toISOString()} as="absolute" />. The page looks again every 5 seconds; what you
          have typed stays.
        </div>
      )}
    </div>
  );
}

/** Keeps the page as it is, or lets it follow again. */
export function HoldButton(): ReactNode {
  const { isHeld, status } = useLive();
  return (
    <button type="button" aria-pressed={isHeld} onClick={() => holdLive(!isHeld)}>
      {isHeld ? "Held: follow again" : status === undefined ? "Connecting: hold" : status.isLive ? "Live: hold" : "Not live: hold"}
    </button>
  );
}
