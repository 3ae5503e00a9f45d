import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import styles from "./sign-in.module.css";
import { KeyForm } from "./sign-in.tsx";

/** The page of a reader without a session: a field for a key, and where keys come from. */
export function SignInPage({ problem }: { readonly problem: string | undefined }): ReactNode {
  const client = useQueryClient();
  useEffect(() => {
    document.title = "Sign in · Sentient";
  }, []);
  return (
    <main className={styles["page"]}>
      <h1>Sign in</h1>
      {problem !== undefined && <p role="alert">The link did not sign you in: {problem}.</p>}
      <KeyForm onSignedIn={() => void client.resetQueries()} />
      <div className={styles["help"]}>
        <p>
          A key is yours alone: what you do here is recorded under your name. An administrator makes one with{" "}
          <code>npx sentient keys new NAME/ROLE</code>. On your own machine, <code>npx sentient dev</code> prints a link that signs you in
          once.
        </p>
        <p>The key is not kept in this browser. A session lasts twelve hours, two hours if it is not used.</p>
      </div>
    </main>
  );
}
