import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import { useZone } from "../parts/time.tsx";
import { usePrinting } from "../reader/printing.ts";
import { longTime } from "../values/zone-time.ts";
import styles from "./frame.module.css";

/** The foot of a printed page: its address, who printed it and when. */
export function Imprint(): ReactNode {
  const session = useSession();
  const zone = useZone();
  // It is written again when the page is printed.
  usePrinting();
  return (
    <p className={`only-print ${styles["imprint"]}`}>
      {window.location.href}
      <br />
      {longTime(Date.now(), zone)}
      {session && `, printed by ${session.name} (${session.role})`}
    </p>
  );
}
