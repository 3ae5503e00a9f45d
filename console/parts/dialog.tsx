import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { Icon } from "./icon.tsx";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Whether it goes away only by an answer: no close button, no Escape. */
  readonly firm?: boolean;
}

/** A native dialog over the page, as long as it is rendered. The browser keeps the focus in it and puts it back. */
export function Dialog({ title, onClose, children, firm = false }: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Closed before it is taken away, so that the browser puts the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={heading}
      className={styles["dialog"]}
      onCancel={(event) => {
        event.preventDefault();
        if (!firm) onClose();
      }}
    >
      <div className={styles["head"]}>
        <h2 id={heading}>{title}</h2>
        {!firm && (
          <Button look="bare" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </Button>
        )}
      </div>
      <div className={styles["body"]}>{children}</div>
    </dialog>
  );
}
