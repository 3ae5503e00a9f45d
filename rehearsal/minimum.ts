/**
 * Finds where a function of a few numbers is least, without derivatives: the simplex of Nelder and Mead (1965), with their coefficients.
 *
 * @param start where the search begins; it looks first within 0.5 of each number
 */
export function minimum(loss: (at: readonly number[]) => number, start: readonly number[]): readonly number[] {
  const judged = (at: readonly number[]): Corner => ({ at, loss: loss(at) });
  let corners = [start, ...start.map((_, moved) => start.map((value, place) => (place === moved ? value + FIRST_STEP : value)))].map(
    judged,
  );
  for (let step = 0; step < MOST_STEPS; step++) {
    corners = corners.toSorted((a, b) => a.loss - b.loss);
    const [best, worst] = [corners[0], corners.at(-1)];
    if (!best || !worst || worst.loss - best.loss < CLOSE_ENOUGH) break;
    const others = corners.slice(0, -1);
    const centre = best.at.map((_, place) => others.reduce((sum, { at }) => sum + (at[place] ?? 0), 0) / others.length);
    const along = (times: number): Corner => judged(centre.map((value, place) => value + times * ((worst.at[place] ?? 0) - value)));
    const moved = betterCorner(along, best, others.at(-1) ?? best, worst);
    corners = moved ? [...others, moved] : corners.map((one) => (one === best ? one : judged(halfway(one.at, best.at))));
  }
  return corners.toSorted((a, b) => a.loss - b.loss)[0]?.at ?? start;
}

// --- internal ---

const FIRST_STEP = 0.5;
const MOST_STEPS = 400;
/** Differences of a log likelihood below this say nothing. */
const CLOSE_ENOUGH = 1e-4;

interface Corner {
  readonly at: readonly number[];
  readonly loss: number;
}

/** A corner in place of the worst one: its reflection, further or nearer; undefined where all are to be drawn towards the best one. */
function betterCorner(along: (times: number) => Corner, best: Corner, second: Corner, worst: Corner): Corner | undefined {
  const reflected = along(-1);
  if (reflected.loss < best.loss) {
    const further = along(-2);
    return further.loss < reflected.loss ? further : reflected;
  }
  if (reflected.loss < second.loss) return reflected;
  const nearer = along(reflected.loss < worst.loss ? -0.5 : 0.5);
  return nearer.loss < Math.min(reflected.loss, worst.loss) ? nearer : undefined;
}

const halfway = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((value, place) => (value + (b[place] ?? 0)) / 2);
