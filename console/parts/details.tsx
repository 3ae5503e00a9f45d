import type { ReactNode } from "react";
import styles from "./details.module.css";

/** Names and what they stand for, in two columns; what is undefined is left out. */
export function Details({ of }: { readonly of: readonly (readonly [name: string, value: ReactNode | undefined])[] }): ReactNode {
  return (
    <dl className={styles["details"]}>
      {of
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <Pair key={name} name={name}>
            {value}
          </Pair>
        ))}
    </dl>
  );
}

export interface CaptionsProps {
  /** Names with what they stand for; what is undefined is left out. */
  readonly of: readonly (readonly [name: string, value: ReactNode | undefined])[];
  /** `row`: as wide as each needs; otherwise in columns. */
  readonly look?: "row";
}

/** Short values side by side, each below its name. */
export const Captions = ({ of, look }: CaptionsProps): ReactNode => (
  <dl className={styles["captions"]} data-look={look}>
    {of
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

// --- internal ---

const Pair = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
