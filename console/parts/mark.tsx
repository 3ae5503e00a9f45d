import type { ReactNode } from "react";
import { MARKS, type MarkKind } from "../values/marks.ts";
import styles from "./mark.module.css";

export interface MarkProps {
  readonly kind: MarkKind;
  /** In place of the mark's own word. */
  readonly word?: string;
  readonly pill?: boolean;
}

/** One of the six marks: shape, word and colour. */
export function Mark({ kind, word = MARKS[kind], pill = false }: MarkProps): ReactNode {
  return (
    <span className={[styles["mark"], styles[kind], pill && styles["pill"]].filter(Boolean).join(" ")}>
      <svg className={styles["shape"]} width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
        <MarkShape kind={kind} />
      </svg>
      {word}
    </span>
  );
}

/** The colour of a mark, as a class: for pictures. */
export const markColour = (kind: MarkKind): string | undefined => styles[kind];

/** The shape alone, around the origin, within a radius of five: for pictures, which have the words beside it. It takes the text's colour. */
export function MarkShape({ kind }: { readonly kind: MarkKind }): ReactNode {
  const stroke = { fill: "none", stroke: "currentColor", strokeWidth: 1.6, strokeLinecap: "round", strokeLinejoin: "round" } as const;
  if (kind === "sent") return <path {...stroke} d="M-4 .3l2.6 2.7L4-3" />;
  if (kind === "waits")
    return (
      <g {...stroke}>
        <circle r="4.6" />
        <path d="M0-2.4V.2l1.8 1.2" />
      </g>
    );
  if (kind === "held") return <path {...stroke} d="M-3.2-3.2l6.4 6.4M3.2-3.2l-6.4 6.4" />;
  if (kind === "silent") return <circle {...stroke} r="4" strokeDasharray="2.2 2" />;
  if (kind === "failed") return <path {...stroke} d="M0-4.6L5 4.4H-5zM0-1.4V1.2M0 2.9v.1" />;
  return <path d="M0-5L5 0 0 5-5 0z" fill="currentColor" />;
}
