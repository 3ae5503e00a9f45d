import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { onSession, Problem, post, tellSession } from "../api/client.ts";
import { lookAgain } from "../api/look-again.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { sentence } from "../values/troubles.ts";
import styles from "./sign-in.module.css";

/** Sign-in over the page, when the session is over. The page below stays as it is, with what was typed. */
export function SignIn(): ReactNode {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  useEffect(
    () =>
      onSession((event) => {
        setOpen(event === "signed-out");
        if (event === "signed-in") void lookAgain(client, () => true);
      }),
    [client],
  );
  if (!isOpen) return null;
  return (
    <Dialog title="Sign in" firm onClose={() => setOpen(false)}>
      <p>You are signed out. What you have typed on this page stays.</p>
      <KeyForm onSignedIn={() => tellSession("signed-in")} />
    </Dialog>
  );
}

/** Asks for a key, which may be pasted, and opens a session with it. */
export function KeyForm({ onSignedIn }: { readonly onSignedIn: () => void }): ReactNode {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const signIn = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (key.trim() === "") {
      setProblem("A key is needed: paste yours.");
      return;
    }
    setBusy(true);
    setProblem(undefined);
    await post("/v1/session", { key: key.trim() })
      .then(() => {
        setKey("");
        onSignedIn();
      })
      .catch((error: unknown) => setProblem(error instanceof Problem ? sentence(error.message) : "The server does not answer."));
    setBusy(false);
  };
  return (
    <form className={styles["form"]} onSubmit={(event) => void signIn(event)}>
      <label className={styles["field"]}>
        Key
        <input type="password" autoComplete="current-password" required value={key} onChange={(event) => setKey(event.target.value)} />
      </label>
      <p role="alert" className={styles["problem"]} hidden={problem === undefined}>
        {problem}
      </p>
      <Button look="main" type="submit" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
