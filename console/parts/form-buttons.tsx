import type { ComponentProps, ReactNode } from "react";
import { Button } from "./button.tsx";
import styles from "./form-buttons.module.css";

export interface FormButtonsProps extends Pick<ComponentProps<typeof Button>, "look" | "busy"> {
  /** What the form does, as its button says it. */
  readonly verb: string;
  readonly onBack: () => void;
}

/** The end of a form in a dialog: the way back, and what it does. */
export const FormButtons = ({ verb, onBack, look = "main", busy = false }: FormButtonsProps): ReactNode => (
  <div className={styles["buttons"]}>
    <Button onClick={onBack}>Back</Button>
    <Button type="submit" look={look} busy={busy}>
      {verb}
    </Button>
  </div>
);
