import { type ReactNode, useState } from "react";
import { count } from "../values/numbers.ts";
import { CUT, cut, piecesOf } from "../values/visible.ts";
import styles from "./said.module.css";

/**
 * Text from outside: what customers, documents, models and providers say. It is never HTML and never a link; characters that would not
 * be seen are shown by name; what is longer than 4 KB is shown when it is asked for.
 */
export function Said({ text, most = CUT }: { readonly text: string; readonly most?: number }): ReactNode {
  const [whole, setWhole] = useState(false);
  const shown = whole ? text : cut(text, most);
  return (
    <span className={styles["said"]} dir="auto">
      {piecesOf(shown).map((piece, index) =>
        "text" in piece ? (
          piece.text
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
