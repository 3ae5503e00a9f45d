/** How often something happened among the trials whose result is known, in whatever order they were looked at. */
export interface Count {
  readonly trials: number;
  readonly events: number;
}

/**
 * Evidence that a rate is above `max`, as the logarithm of an e-value: a mixture of Wald's likelihood ratios against higher rates (Robbins
 * 1970, "Statistical methods related to the law of the iterated logarithm", section 3). Each ratio is a nonnegative supermartingale that
 * starts at 1 while the rate is at most `max`, and so is their mean. By Ville's inequality (Ville 1939) the value ever passes 1/α with
 * probability at most α, however often and whenever it is looked at.
 *
 * Only counts enter, and more events never give less: trials whose event is still to come may be counted as without one. Looking early
 * then only sees less than there will be.
 *
 * @param max the highest harmless rate, from 0 to 1
 * @returns the natural logarithm; Infinity where what was seen is impossible under `max`
 */
export function evidenceAbove(max: number, { trials, events }: Count): number {
  if (events > trials) throw new RangeError(`${events} events among ${trials} trials`);
  if (max >= 1) return 0;
  if (max <= 0) return events > 0 ? Number.POSITIVE_INFINITY : 0;
  const odds = max / (1 - max);
  return meanOfLogs(
    TIMES.map((times) => {
      const rate = (times * odds) / (1 + times * odds);
      return events * Math.log(rate / max) + (trials - events) * Math.log((1 - rate) / (1 - max));
    }),
  );
}

/**
 * Evidence that the rate of `mine` is below `ratio` times the rate of `theirs`, as the logarithm of an e-value. Universal inference
 * (Wasserman, Ramdas and Balakrishnan 2020, "Universal inference", section 8) for two rates: the likelihood averaged over a Beta(½, ½) prior
 * for each rate (Krichevsky and Trofimov 1981), divided by the largest likelihood of all pairs of rates that are not below. Under any such
 * pair it is at most a martingale that starts at 1, so Ville's inequality holds as in {@link evidenceAbove}.
 *
 * Trials enter once their result is final: one that may still succeed would count as a failure.
 *
 * @param ratio from 0 to 1: 0.5 is "half of theirs"
 * @returns the natural logarithm, at least as low as the true one
 */
export function evidenceBelow(ratio: number, mine: Count, theirs: Count): number {
  return logMixture(mine) + logMixture(theirs) - highestHarmless(ratio, mine, theirs);
}

// --- internal ---

/** Alternatives as multiples of the odds at the bound, from barely above it to where nearly every delivery has the event. */
const TIMES = [1.5, 2, 3, 5, 10, 20, 50];

function meanOfLogs(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, one) => sum + Math.exp(one - most), 0) / logs.length);
}

/** log of ∫ p^events (1 − p)^(trials − events) dBeta(½, ½). */
const logMixture = ({ trials, events }: Count): number =>
  logGamma(events + 0.5) + logGamma(trials - events + 0.5) - logGamma(trials + 1) - Math.log(Math.PI);

/** The logarithm of the largest likelihood among the pairs of rates with `p ≥ ratio · q`. */
function highestHarmless(ratio: number, mine: Count, theirs: Count): number {
  const [p, q] = [rateOf(mine), rateOf(theirs)];
  if (p >= ratio * q) return logLikelihood(p, mine) + logLikelihood(q, theirs);
  // The best pair lies on the border p = ratio · q, where the slope of the logarithm is zero: the smaller root of a quadratic in q.
  const events = mine.events + theirs.events;
  const failures = ratio * (mine.trials - mine.events) + theirs.trials - theirs.events;
  const linear = events * (1 + ratio) + failures;
  const square = ratio * (mine.trials + theirs.trials);
  const best = (2 * events) / (linear + Math.sqrt(Math.max(0, linear * linear - 4 * square * events)));
  return logLikelihood(ratio * best, mine) + logLikelihood(best, theirs);
}

const rateOf = ({ trials, events }: Count): number => (trials === 0 ? 0 : events / trials);

const logLikelihood = (rate: number, { trials, events }: Count): number =>
  (events === 0 ? 0 : events * Math.log(rate)) + (trials === events ? 0 : (trials - events) * Math.log1p(-rate));

/** log Γ(x) for x > 0: the recurrence up to 8, then Stirling's series (Abramowitz and Stegun 6.1.41); to 1e-12. */
function logGamma(x: number): number {
  let shifted = 0;
  let y = x;
  for (; y < 8; y++) shifted -= Math.log(y);
  const t = 1 / (y * y);
  const series = (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t * (1 / 1680 - t / 1188)))) / y;
  return shifted + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}
