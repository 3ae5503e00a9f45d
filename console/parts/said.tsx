import { Fragment, type ReactNode, useState } from "react";
import { usePrinting } from "../reader/printing.ts";
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
  return (
    <span className={styles["said"]} dir="auto">
      {text.length > most ? <Cut {...{ text, most, isNarrow }} /> : <Pieces text={text} isNarrow={isNarrow} />}
    </span>
  );
}

// --- internal ---

/** The beginning of a long text until its rest is asked for; on paper all of it. */
function Cut({ text, most, isNarrow }: Required<SaidProps>): ReactNode {
  const [isWanted, setWanted] = useState(false);
  const isPrinting = usePrinting();
  const shown = isWanted || isPrinting ? text : cut(text, most);
  return (
    <>
      <Pieces text={shown} isNarrow={isNarrow} />
      {shown.length < text.length && (
        <button type="button" className={styles["more"]} onClick={() => setWanted(true)}>
          … more, {count(text.length - shown.length)} characters
        </button>
      )}
    </>
  );
}

function Pieces({ text, isNarrow }: { readonly text: string; readonly isNarrow: boolean }): ReactNode {
  return piecesOf(text).map((piece, index) =>
    "text" in piece ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no other name.
      <Fragment key={index}>{isNarrow ? withBreaks(piece.text) : piece.text}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text have no other name.
      <span key={index} className={styles["hidden"]}>
        [{piece.hidden}]
      </span>
    ),
  );
}

const withBreaks = (text: string): ReactNode =>
  breakable(text).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
