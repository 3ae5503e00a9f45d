import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";

export interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  /** `main`: what the page is for, once a view. `grave`: cannot be undone. `bare`: among text. */
  readonly look?: "main" | "grave" | "bare";
  /** Works: it is not pressed a second time. */
  readonly busy?: boolean;
}

export function Button({ look, busy = false, disabled, type = "button", ...rest }: ButtonProps): ReactNode {
  return <button {...rest} type={type} disabled={busy || disabled} aria-busy={busy || undefined} className={buttonClass(look)} />;
}

/** The classes of a button, for a link that looks like one. */
export const buttonClass = (look?: ButtonProps["look"]): string => [styles["button"], look && styles[look]].filter(Boolean).join(" ");

export interface FormButtonsProps extends Pick<ButtonProps, "look" | "busy"> {
  /** What the form does, as its button says it. */
  readonly verb: string;
  readonly onBack: () => void;
}

/** The end of a form in a dialog: the way back, and what it does. */
export const FormButtons = ({ verb, onBack, look = "main", busy = false }: FormButtonsProps): ReactNode => (
  <div className={styles["ofForm"]}>
    <Button onClick={onBack}>Back</Button>
    <Button type="submit" look={look} busy={busy}>
      {verb}
    </Button>
  </div>
);
