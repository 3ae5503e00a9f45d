import type { ReactNode } from "react";
import { Figure } from "../parts/figure.tsx";
import { PlainTable } from "../parts/plain-table.tsx";
import { Time, useZone } from "../parts/time.tsx";
import { useNow } from "../reader/now.ts";
import { count, share } from "../values/numbers.ts";
import { shortTime } from "../values/zone-time.ts";
import { type CoursePoint, layoutCourse, pathOf, rateOf } from "./guard-course.layout.ts";
import styles from "./guard-course.module.css";

export interface GuardCourseProps {
  /** What has been counted, and how much of the evidence for a stop there is. */
  readonly sentence: string;
  readonly points: readonly CoursePoint[];
  /** Whether the bound is the lowest rate that is allowed. */
  readonly isLeast: boolean;
}

const [LEFT, WIDTH, RATES, GAP, EVIDENCE] = [44, 300, 92, 26, 34];
const BOTTOM = RATES + GAP + EVIDENCE;

/** A guard over time: the rate against its bound, and below it the evidence for a stop. */
export function GuardCourse({ sentence, points, isLeast }: GuardCourseProps): ReactNode {
  const { most, rate, bound, evidence } = layoutCourse(points, { width: WIDTH, rates: RATES, evidence: EVIDENCE });
  const zone = useZone();
  const now = useNow();
  const word = (at: string | undefined): string => (at === undefined ? "" : shortTime(Date.parse(at), zone, now));
  const boundAt = bound.at(-1)?.[1];
  return (
    <Figure sentence={sentence} table={<Table points={points} isLeast={isLeast} />}>
      <svg className={styles["picture"]} viewBox={`0 0 ${LEFT + WIDTH + 8} ${BOTTOM + 24}`} role="img" aria-label={sentence}>
        <g transform={`translate(${LEFT} 6)`}>
          <line className={styles["axis"]} x1={0} x2={WIDTH} y1={RATES} y2={RATES} />
          <text x={-6} y={RATES + 3} textAnchor="end">
            0 %
          </text>
          <text x={-6} y={8} textAnchor="end">
            {share(most)}
          </text>
          <path className={styles["bound"]} d={pathOf(bound)} />
          {boundAt !== undefined && (
            <text x={0} y={isLeast ? boundAt + 12 : boundAt - 4}>
              {`${isLeast ? "at least" : "at most"} ${share(points.at(-1)?.bound ?? 0)}`}
            </text>
          )}
          <path className={styles["rate"]} d={pathOf(rate)} />
        </g>
        <g transform={`translate(${LEFT} ${6 + RATES + GAP})`}>
          <text x={0} y={-5}>
            evidence for a stop
          </text>
          <line className={styles["stop"]} x1={0} x2={WIDTH} y1={0} y2={0} />
          <line className={styles["axis"]} x1={0} x2={WIDTH} y1={EVIDENCE} y2={EVIDENCE} />
          <text x={-6} y={4} textAnchor="end">
            100 %
          </text>
          <text x={-6} y={EVIDENCE + 3} textAnchor="end">
            0 %
          </text>
          <path className={styles["evidence"]} d={pathOf(evidence)} />
          <text x={0} y={EVIDENCE + 14}>
            {word(points[0]?.at)}
          </text>
          {points.length > 1 && (
            <text x={WIDTH} y={EVIDENCE + 14} textAnchor="end">
              {word(points.at(-1)?.at)}
            </text>
          )}
        </g>
      </svg>
    </Figure>
  );
}

// --- internal ---

const Table = ({ points, isLeast }: Pick<GuardCourseProps, "points" | "isLeast">): ReactNode => (
  <PlainTable heads={["When", "Seen", "Rate", isLeast ? "At least" : "At most", "Evidence for a stop"]}>
    {points.map((point) => {
      const rate = rateOf(point);
      return (
        <tr key={point.at}>
          <td>
            <Time at={point.at} as="absolute" />
          </td>
          <td>
            {count(point.events)} of {count(point.trials)}
          </td>
          <td>{rate === undefined ? "none yet" : share(rate)}</td>
          <td>{point.bound === undefined ? "not known yet" : share(point.bound)}</td>
          <td>{share(point.towards)}</td>
        </tr>
      );
    })}
  </PlainTable>
);
