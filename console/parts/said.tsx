import { Fragment, type ReactNode, useState } from "react";
import { count } from "../values/numbers.ts";
import { breakable, CUT, cut, piecesOf } from "../values/visible.ts";
import styles from "./said.module.css";

interface SaidProps {
  readonly text: string;
  readonly most?: number;
  /** In a narrow place: names such as `lease.updated` break after their dots and hyphens. */
  readonly isNarrow?: boolean;
}

/**
 * Text from outside: what customers, documents, models and providers say. It is never HTML and never a link; characters that would not
 * be seen are shown by name; what is longer than 4 KB is shown when it is asked for.
 */
export function Said({ text, most = CUT, isNarrow = false }: SaidProps): ReactNode {
  const [whole, setWhole] = useState(false);
  const shown = whole ? text : cut(text, most);
  return (
    <span className={styles["said"]} dir="auto">
      {piecesOf(shown).map((piece, index) =>
        "text" in piece ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no other name.
          <Fragment key={index}>{isNarrow ? withBreaks(piece.text) : piece.text}</Fragment>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no other name.
          <span key={index} className={styles["hidden"]}>
            [{piece.hidden}]
          </span>
        ),
      )}
      {shown.length < text.length && (
        <button type="button" className={styles["more"]} onClick={() => setWhole(true)}>
          … more, {count(text.length - shown.length)} characters
        </button>
      )}
    </span>
  );
}

// --- internal ---

const withBreaks = (text: string): ReactNode =>
  breakable(text).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
