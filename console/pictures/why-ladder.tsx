import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { Figure } from "../parts/figure.tsx";
import { Mark, MarkShape } from "../parts/mark.tsx";
import { PlainTable } from "../parts/plain-table.tsx";
import { Said } from "../parts/said.tsx";
import type { MarkKind } from "../values/marks.ts";
import { layoutLadder, type Rung, STATE_WORDS, TEXT_X } from "./why-ladder.layout.ts";
import styles from "./why-ladder.module.css";

/** The ladder from the catalogue to what came of a message: the first rung that says no is the answer. */
export function WhyLadder({ rungs, sentence }: { readonly rungs: readonly Rung[]; readonly sentence: string }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const { height, rungs: marks, rails, rail } = layoutLadder(rungs, width);
  return (
    <Figure sentence={sentence} table={<Table rungs={rungs} />}>
      <div ref={frame}>
        <svg className={styles["ladder"]} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={sentence}>
          {rails.map(({ y1, y2, isReached }) => (
            <line key={y1} className={isReached ? styles["rail"] : styles["broken"]} x1={rail} x2={rail} y1={y1} y2={y2} />
          ))}
          {marks.map(({ id, state, x, y, question, says }) => (
            <g key={id} className={styles[state]}>
              <g transform={`translate(${x} ${y})`}>
                <circle className={styles["ground"]} r="9" />
                {state === "not_reached" ? <circle className={styles["unreached"]} r="4" /> : <MarkShape kind={kindOf(id, state)} />}
              </g>
              {question.map((line) => (
                <text key={line.y} className={styles["question"]} x={TEXT_X} y={line.y}>
                  {line.text}
                </text>
              ))}
              {says.map((line) => (
                <text key={line.y} className={styles["says"]} x={TEXT_X} y={line.y}>
                  {line.text}
                </text>
              ))}
            </g>
          ))}
        </svg>
      </div>
    </Figure>
  );
}

// --- internal ---

/** Only what went wrong after the hand-over is a failure; the rest was held back on purpose. */
const FAILURES = ["handed_over", "arrived"];

function kindOf(id: string, state: Rung["state"]): MarkKind {
  if (state === "yes") return "sent";
  if (state === "waits") return "waits";
  if (state === "no") return FAILURES.includes(id) ? "failed" : "held";
  return id === "handed_over" ? "failed" : "silent";
}

function Table({ rungs }: { readonly rungs: readonly Rung[] }): ReactNode {
  return (
    <PlainTable heads={["Question", "Answer", "Because"]}>
      {rungs.map(({ id, question, state, says, details }) => (
        <tr key={id}>
          <th scope="row">{question}</th>
          <td>{state === "not_reached" ? STATE_WORDS[state] : <Mark kind={kindOf(id, state)} word={STATE_WORDS[state]} />}</td>
          <td>
            <Said text={says} />
            {details.map((detail) => (
              <div key={detail} className={styles["detail"]}>
                <Said text={detail} />
              </div>
            ))}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

/** The width of the frame: the picture is laid out anew, so that its letters keep their size. */
function useWidth(frame: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(720);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = (): void => setWidth(Math.max(240, Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
