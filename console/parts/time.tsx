import { createContext, type ReactNode, useContext } from "react";
import { useNow } from "../reader/now.ts";
import { usePreferences } from "../reader/preferences.ts";
import { longTime, relativeTime, shortTime, zoneChoices } from "../values/zone-time.ts";
import styles from "./time.module.css";

const Hers = createContext<string | undefined>(undefined);

/** The zone of the customer whom a part of the page is about: `<ZoneOf zone="America/Chicago">`. */
export const ZoneOf = ({ zone, children }: { readonly zone: string | undefined; readonly children: ReactNode }): ReactNode => (
  <Hers value={zone}>{children}</Hers>
);

const mine = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone that times are shown in here, after the reader's choice. */
export function useZone(): string {
  const hers = useContext(Hers);
  const { zone } = usePreferences();
  if (zone === "utc") return "UTC";
  return zoneChoices(zone === "hers" ? hers : undefined, mine())[0]?.zone ?? "UTC";
}

export interface TimeProps {
  readonly at: string;
  /** `both` (the default): the time and how long ago; `absolute` and `relative` show one, and hold the other in their title. */
  readonly as?: "both" | "absolute" | "relative";
}

/** A time with its zone. The title has it in the other zones, to the second. */
export function Time({ at, as = "both" }: TimeProps): ReactNode {
  const hers = useContext(Hers);
  const zone = useZone();
  const now = useNow();
  const time = Date.parse(at);
  if (Number.isNaN(time)) return <span>{at}</span>;
  const absolute = shortTime(time, zone, now);
  const relative = relativeTime(time, now);
  const others = zoneChoices(hers, mine()).map((choice) => longTime(time, choice.zone));
  return (
    <time dateTime={at} title={[relative, ...others].join("\n")} className={styles["time"]}>
      <span className={styles["part"]}>{as === "relative" ? relative : absolute}</span>
      {as === "both" && (
        <>
          {" "}
          <span className={styles["relative"]}>{relative}</span>
        </>
      )}
      {as === "relative" && <span className="only-print">{absolute}</span>}
    </time>
  );
}
