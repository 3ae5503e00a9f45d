import { createContext, type ReactNode, useContext } from "react";
import { useAtNow } from "../reader/now.ts";
import { usePreferences } from "../reader/preferences.ts";
import { longTime, relativeTime, shortTime, zoneChoices } from "../values/zone-time.ts";
import styles from "./time.module.css";

const Hers = createContext<string | undefined>(undefined);

/** The zone of the customer whom a part of the page is about: `<ZoneOf zone="America/Chicago">`. */
export const ZoneOf = ({ zone, children }: { readonly zone: string | undefined; readonly children: ReactNode }): ReactNode => (
  <Hers value={zone}>{children}</Hers>
);

/** How often the reader's zone is asked for, in milliseconds: few people take an open page to another one, and hundreds of times ask. */
const ASK_MS = 60_000;
let known: { readonly zone: string; readonly at: number } | undefined;

function mine(here = Date.now()): string {
  if (known === undefined || Math.abs(here - known.at) > ASK_MS)
    known = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, at: here };
  return known.zone;
}

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
  const time = Date.parse(at);
  const isTime = !Number.isNaN(time);
  // A list has hundreds of times, and the words of most stay the same for hours.
  const words = useAtNow((now) => (isTime ? `${shortTime(time, zone, now)}\n${relativeTime(time, now)}` : ""));
  if (!isTime) return <span>{at}</span>;
  const [absolute, relative] = words.split("\n");
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
