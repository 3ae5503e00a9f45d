/** What a guard had seen at a time. */
export interface CoursePoint {
  readonly at: string;
  readonly events: number;
  readonly trials: number;
  /** The rate that it allows. */
  readonly bound?: number | undefined;
  /** How much speaks for a stop: from 0 to 1. */
  readonly towards: number;
}

/** A line of the picture: its corners, in its units. */
export type Corners = readonly (readonly [x: number, y: number])[];

export interface GuardCourse {
  /** The highest rate that the picture has room for. */
  readonly most: number;
  readonly rate: Corners;
  readonly bound: Corners;
  readonly evidence: Corners;
}

export interface Size {
  readonly width: number;
  /** Of the upper part: rates. */
  readonly rates: number;
  /** Of the lower part: evidence. */
  readonly evidence: number;
}

/** A rate is no rate before something was tried. */
export const rateOf = ({ events, trials }: Pick<CoursePoint, "events" | "trials">): number | undefined =>
  trials === 0 ? undefined : events / trials;

/**
 * The rate against its bound, and the evidence for a stop, over time. Few trials make wild rates: what is above three times the bound and
 * above all rates of the later half is drawn at the edge.
 */
export function layoutCourse(points: readonly CoursePoint[], { width, rates, evidence }: Size): GuardCourse {
  const later = points.slice(Math.floor(points.length / 2));
  const bounds = points.flatMap(({ bound }) => (bound === undefined ? [] : [bound]));
  const most = 1.15 * Math.max(...bounds.map((bound) => 1.5 * bound), ...later.map((point) => rateOf(point) ?? 0), 1e-6);
  const x = (index: number): number => (points.length < 2 ? width : (index / (points.length - 1)) * width);
  const y = (rate: number): number => rates * (1 - Math.min(1, rate / most));
  const line = (value: (point: CoursePoint) => number | undefined): Corners =>
    points.flatMap((point, index) => {
      const at = value(point);
      return at === undefined ? [] : [[x(index), at] as const];
    });
  return {
    most,
    rate: line((point) => {
      const rate = rateOf(point);
      return rate === undefined ? undefined : y(rate);
    }),
    bound: line(({ bound }) => (bound === undefined ? undefined : y(bound))),
    evidence: line(({ towards }) => evidence * (1 - Math.min(1, towards))),
  };
}

/** The path of a line; of a single corner a short one, so that it is seen. */
export function pathOf(corners: Corners): string {
  const [first] = corners;
  if (corners.length === 1 && first) return `M${round(first[0] - 4)} ${round(first[1])}H${round(first[0])}`;
  return corners.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
}

// --- internal ---

const round = (value: number): number => Math.round(value * 10) / 10;
