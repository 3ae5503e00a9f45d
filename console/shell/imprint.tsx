import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "../api/session.ts";
import { useZone } from "../parts/time.tsx";
import { longTime } from "../values/zone-time.ts";
import styles from "./frame.module.css";

/** The foot of a printed page: its address, who printed it and when. */
export function Imprint(): ReactNode {
  const session = useSession();
  const zone = useZone();
  const [at, setAt] = useState(Date.now);
  useEffect(() => {
    const now = (): void => setAt(Date.now());
    window.addEventListener("beforeprint", now);
    return () => window.removeEventListener("beforeprint", now);
  }, []);
  return (
    <p className={`only-print ${styles["imprint"]}`}>
      {window.location.href}
      <br />
      {longTime(at, zone)}
      {session && `, printed by ${session.name} (${session.role})`}
    </p>
  );
}
