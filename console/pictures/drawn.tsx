import type { ReactNode } from "react";
import { type Drawing, type Mark, NARROW, type Room, WIDE } from "../../rehearsal/pictures/marks.ts";
import { plain } from "../values/visible.ts";
import styles from "./drawn.module.css";

/** A picture of a rehearsal, as its report has it too; on a phone it is drawn for that room. */
export const Drawn = ({ draw }: { readonly draw: (room?: Room) => Drawing }): ReactNode => (
  <>
    <Svg drawing={draw(WIDE)} look={styles["wide"]} />
    <Svg drawing={draw(NARROW)} look={styles["narrow"]} />
  </>
);

/** How a side is drawn in every picture, with its name. */
export const Key = ({ sides }: { readonly sides: Readonly<Record<"against" | "with", string>> }): ReactNode => (
  <p className={styles["key"]}>
    {(["against", "with"] as const).map((side) => (
      <span key={side}>
        <svg viewBox="0 0 34 12" aria-hidden="true" className={styles["sample"]}>
          <line className={`${styles["line"]} ${styles[side]}`} x1={1} x2={33} y1={6} y2={6} />
        </svg>
        {side}: {sides[side]}
      </span>
    ))}
  </p>
);

// --- internal ---

const Svg = ({ drawing, look }: { readonly drawing: Drawing; readonly look: string | undefined }): ReactNode => (
  <svg
    className={`${styles["picture"]} ${look}`}
    viewBox={`0 0 ${drawing.width} ${drawing.height}`}
    role="img"
    aria-label={plain(drawing.title)}
  >
    {drawing.marks.map((mark, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: marks have no other name, and are drawn once.
      <Shape key={index} mark={mark} />
    ))}
  </svg>
);

function Shape({ mark }: { readonly mark: Mark }): ReactNode {
  if (mark.shape === "text") {
    const { x, y, anchor, text, whole } = mark;
    return (
      <text className={styles["text"]} x={x} y={y} textAnchor={anchor}>
        {plain(text)}
        {whole !== undefined && <title>{plain(whole)}</title>}
      </text>
    );
  }
  const { shape: Tag, of, ...measures } = mark;
  // Its measures are those of its shape.
  const Any = Tag as "path";
  return (
    <Any
      className={of
        .split(" ")
        .map((name) => styles[name])
        .join(" ")}
      {...(measures as object)}
    />
  );
}
