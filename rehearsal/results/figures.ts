/** What a number is over all paths: its mean, and between which bounds 90 of 100 paths are. */
export interface Figure {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** One number by name, as deliveries by channel. */
export type ByName<T> = Readonly<Record<string, T>>;

/**
 * The figure of a number that each path has once. With one path there is nothing to tell how far others would differ: its bounds are the
 * number itself.
 */
export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  return { mean: rounded(mean), low: rounded(quantile(sorted, 0.05)), high: rounded(quantile(sorted, 0.95)) };
}

/** The figure of each name, in the order of names; a path that does not have it counts as zero. */
export function figuresByName(paths: readonly ByName<number>[], names: readonly string[] = namesIn(paths)): ByName<Figure> {
  return Object.fromEntries(names.map((name) => [name, figureOf(paths.map((path) => ownValue(path, name) ?? 0))]));
}

/** All names that occur, sorted. */
export const namesIn = (maps: readonly ByName<unknown>[]): string[] => [...new Set(maps.flatMap((map) => Object.keys(map)))].sort();

/** The value of a name, whatever the name is: `constructor` too may be an experience. */
export const ownValue = <T>(map: ByName<T>, name: string): T | undefined => (Object.hasOwn(map, name) ? map[name] : undefined);

/** To six decimals, so that the order in which numbers were added up does not show. */
export const rounded = (value: number): number => {
  const short = Math.round(value * 1e6) / 1e6;
  return Object.is(short, -0) ? 0 : short;
};

/** The figures of a group whose rows are kept. */
const GROUP_FIGURES = ["deliveries", "successes", "nothing"] as const;

/** The cell of a group's figure. @param place in the groups of the result */
export const groupCell = (place: number, figure: (typeof GROUP_FIGURES)[number]): string => `group:${place}:${figure}`;

// --- internal ---

/**
 * Between the two nearest values, in proportion (Hyndman and Fan 1996, type 7): the figures of the paths that were played, and of 20 of them
 * the bounds lie just inside the outermost ones. It foretells no further path; with few paths the next one is outside more often than 10 in 100.
 */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (place - Math.floor(place)) * (above - below);
}
