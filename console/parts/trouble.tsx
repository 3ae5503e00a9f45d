import { type ReactNode, useEffect, useState } from "react";
import { Problem } from "../api/client.ts";
import { troubleOf } from "../values/troubles.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { Said } from "./said.tsx";
import styles from "./trouble.module.css";

export interface TroubleProps {
  readonly error: Error;
  /** Asks again: by a button, and by itself once `Retry-After` is over. A change has none. */
  readonly again?: () => unknown;
}

/** A failed request in place of what it would have shown: what it means, what to do. The rest of the page goes on. */
export function Trouble({ error, again }: TroubleProps): ReactNode {
  const problem =
    error instanceof Problem ? error : new Problem(-1, { code: error.name, title: "this part of the page failed", detail: error.message });
  const { title, todo } = troubleOf(problem, again !== undefined);
  const seconds = useCountdown(problem, again);
  return (
    <div role="alert" className={styles["trouble"]}>
      <Icon name="warning" />
      <div>
        <strong>{title}</strong>
        <p>
          <Said text={todo} />
        </p>
        <p className={styles["code"]}>{problem.code}</p>
      </div>
      {again !== undefined && <Button onClick={() => again()}>{seconds === undefined ? "Try again" : `Again in ${seconds} s`}</Button>}
    </div>
  );
}

/** Seconds left of `Retry-After`; at its end it is asked again once. */
function useCountdown(problem: Problem, again: (() => unknown) | undefined): number | undefined {
  const [left, setLeft] = useState(problem.retryAfterSeconds);
  useEffect(() => setLeft(problem.retryAfterSeconds), [problem]);
  useEffect(() => {
    if (left === undefined || again === undefined) return;
    if (left <= 0) {
      setLeft(undefined);
      again();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left, again]);
  return left;
}
