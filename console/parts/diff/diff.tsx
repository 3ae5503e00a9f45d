import type { ReactNode } from "react";
import { Said } from "../said.tsx";
import { type DiffLine, diffLines } from "./diff.layout.ts";
import styles from "./diff.module.css";

/** A file in which two versions differ. */
export interface DifferentFile {
  readonly file: string;
  readonly change: "added" | "removed" | "changed";
  readonly diff?: string | undefined;
}

/** Files in which two versions differ, line by line. Long lines are broken, so that they are read on a phone too. */
export const Diff = ({ files }: { readonly files: readonly DifferentFile[] }): ReactNode =>
  files.map(({ file, change, diff }) => (
    <section key={file} className={styles["file"]} aria-label={`${change}: ${file}`}>
      <h3 className={styles["name"]}>
        <Said text={file} most={300} isNarrow /> <span className={styles["change"]}>{change}</span>
      </h3>
      {diff === undefined ? <p className={styles["none"]}>It is no text: its lines are not compared.</p> : <Lines diff={diff} />}
    </section>
  ));

// --- internal ---

/** Lines of one file that are shown at once. */
const MOST_LINES = 1_000;

function Lines({ diff }: { readonly diff: string }): ReactNode {
  const lines = diffLines(diff);
  return (
    <>
      <ol className={styles["lines"]}>
        {lines.slice(0, MOST_LINES).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name.
          <li key={index} className={styles[line.kind]}>
            <span className={styles["number"]} aria-hidden="true">
              {line.number}
            </span>
            <span className={styles["sign"]} aria-hidden="true">
              {SIGNS[line.kind]}
            </span>
            <span className={styles["text"]}>
              {WORDS[line.kind] !== "" && <span className="only-heard">{WORDS[line.kind]}</span>}
              <Said text={line.text} most={1_000} />
            </span>
          </li>
        ))}
      </ol>
      {lines.length > MOST_LINES && (
        <p className={styles["none"]}>And {lines.length - MOST_LINES} lines more: see sentient versions diff.</p>
      )}
    </>
  );
}

const SIGNS: Readonly<Record<DiffLine["kind"], string>> = { same: "", added: "+", removed: "−", gap: "⋯" };
const WORDS: Readonly<Record<DiffLine["kind"], string>> = {
  same: "",
  added: "added: ",
  removed: "removed: ",
  gap: "some lines are left out",
};
