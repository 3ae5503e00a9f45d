import { type FormEvent, type ReactNode, useState } from "react";
import { count } from "../values/numbers.ts";
import styles from "./ask-first.module.css";
import { type ButtonProps, FormButtons } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Trouble } from "./trouble.tsx";

const MOST_OF_NOTE = 2_000;

export interface AskFirstProps {
  readonly title: string;
  /** The consequences, before they are chosen. */
  readonly children?: ReactNode;
  /** The word of the button that does it. */
  readonly verb: string;
  readonly look?: ButtonProps["look"];
  /** The name of the note's field; without it no note is asked for. */
  readonly note?: string;
  /** Whether it needs a note. */
  readonly noteWanted?: boolean;
  readonly busy: boolean;
  readonly error: Error | null;
  /** `note` is undefined where none was written. */
  readonly onDo: (note: string | undefined) => unknown;
  readonly onClose: () => void;
}

/** Asks before something is done, with a note for the audit. When it fails, the dialog stays, with what was typed. */
export function AskFirst({
  title,
  children,
  verb,
  look = "main",
  note,
  noteWanted = false,
  busy,
  error,
  onDo,
  onClose,
}: AskFirstProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [isMissed, setMissed] = useState(false);
  const given = typed.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const misses = noteWanted && given === "";
    setMissed(misses);
    if (!busy && !misses) onDo(given === "" ? undefined : given);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles["form"]} onSubmit={submit}>
        {children}
        {note !== undefined && (
          <label className={styles["note"]}>
            {note}
            <textarea
              value={typed}
              maxLength={MOST_OF_NOTE}
              aria-required={noteWanted}
              aria-invalid={isMissed || undefined}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        {isMissed && (
          <p role="alert" className={styles["missed"]}>
            A few words are needed here: others read them.
          </p>
        )}
        {typed.length >= MOST_OF_NOTE && <p role="status">The note is full: it holds {count(MOST_OF_NOTE)} characters.</p>}
        {error !== null && <Trouble error={error} />}
        <FormButtons verb={verb} look={look} busy={busy} onBack={onClose} />
      </form>
    </Dialog>
  );
}
