import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./code.module.css";
import { Said } from "./said.tsx";

/** A text as it is: JSON, a policy, a message. Copied as a whole, shown up to 16 KB. */
export function Code({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  return (
    <section className={styles["frame"]} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <pre className={styles["text"]} tabIndex={0}>
        <Said text={text} most={16_384} />
      </pre>
      <div className={styles["copy"]}>
        <Copy text={text} />
      </div>
    </section>
  );
}

/** A command of the command line, to be copied. */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <div className={styles["command"]}>
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}

/** Copies a text; says so where a screen reader hears it. */
export function Copy({ text, label = "Copy" }: { readonly text: string; readonly label?: string }): ReactNode {
  const [said, setSaid] = useState("");
  const copy = async (): Promise<void> => {
    // Pages over plain http have no clipboard, loopback excepted.
    const isDone = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(isDone ? "Copied" : "Not copied: select the text");
  };
  return (
    <>
      <Button look="bare" onClick={() => void copy()}>
        {said === "" ? label : said}
      </Button>
      <span role="status" className="only-heard">
        {said}
      </span>
    </>
  );
}
