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

// --- internal ---

const Pair = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
