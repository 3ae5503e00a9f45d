import { type ReactNode, useEffect, useId, useRef } from "react";
import { plain } from "../values/visible.ts";
import styles from "./page.module.css";

export interface PageProps {
  /** The one `h1`, and the title of the window. Text from outside is fine: it is made visible. */
  readonly title: string;
  /** The answer in a sentence: what the reader came for. */
  readonly answer?: ReactNode;
  /** Links to where it belongs, above the title. */
  readonly above?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** The frame of every page. The focus goes to its heading when the reader comes to it. */
export function Page({ title, answer, above, actions, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = plain(title);
  useEffect(() => {
    document.title = `${shown} · Sentient`;
  }, [shown]);
  useEffect(() => {
    const path = window.location.pathname;
    // At the first sight of the console the focus stays where the browser put it.
    if (shownPath !== undefined && shownPath !== path) heading.current?.focus({ preventScroll: true });
    shownPath = path;
  });
  return (
    <article className={styles["page"]}>
      <header className={styles["head"]}>
        {above !== undefined && <p className={styles["above"]}>{above}</p>}
        <div className={styles["line"]}>
          <h1 ref={heading} tabIndex={-1}>
            {shown}
          </h1>
          {actions !== undefined && <div className={styles["actions"]}>{actions}</div>}
        </div>
        {answer !== undefined && <div className={styles["answer"]}>{answer}</div>}
      </header>
      {children}
    </article>
  );
}

export interface PanelProps {
  readonly title: string;
  /** A word beside the title: a count, a link. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own. It loads and fails alone. */
export function Panel({ title, aside, children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles["panel"]}>
      <div className={styles["panelHead"]}>
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className={styles["aside"]}>{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Panels one below the other. */
export const Stack = ({ children }: { readonly children: ReactNode }): ReactNode => <div className={styles["stack"]}>{children}</div>;

/** The matter of a page and what stands beside it; below it where the window is narrow. */
export const Columns = ({ beside, children }: { readonly beside: ReactNode; readonly children: ReactNode }): ReactNode => (
  <div className={styles["columns"]}>
    <div className={styles["column"]}>{children}</div>
    <div className={styles["column"]}>{beside}</div>
  </div>
);

/** The path of the page that was shown last. */
let shownPath: string | undefined;
