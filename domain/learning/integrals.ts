/**
 * Mean and variance of the log-odds of a rate that is Beta(a, b): ψ(a) − ψ(b) and ψ′(a) + ψ′(b), since `log p − log(1 − p)`
 * has the cumulant function log Γ(a + t) + log Γ(b − t) − log Γ(a) − log Γ(b).
 */
export function distributionOfLogit(a: number, b: number): { mean: number; variance: number } {
  return { mean: digamma(a) - digamma(b), variance: trigamma(a) + trigamma(b) };
}

/**
 * The expected rate `E[σ(x)]` and the expected slope `E[σ(x)(1 − σ(x))]` for normal log-odds `x`, by the midpoint rule over
 * ±8 deviations. MacKay's closed form `σ(m / √(1 + π s² / 8))` is a good likeness near one half, and tens of percent too
 * high for the rare successes that most messages have.
 */
export function expectedRate(logit: number, variance: number): { mean: number; slope: number } {
  const deviation = Math.sqrt(variance);
  let mean = 0;
  let slope = 0;
  for (const { z, weight } of GRID) {
    const rate = 1 / (1 + Math.exp(-(logit + deviation * z)));
    mean += weight * rate;
    slope += weight * rate * (1 - rate);
  }
  return { mean, slope };
}

/** ln Γ: the recurrence up to 8, then Stirling's series (Abramowitz and Stegun 6.1.15, 6.1.41); to 1e-10 for x > 0. */
export function logGamma(x: number): number {
  let shifted = 0;
  let y = x;
  for (; y < 8; y++) shifted -= Math.log(y);
  const t = 1 / (y * y);
  return shifted + (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t / 1680))) / y;
}

/** ψ: the recurrence up to 6, then the asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18); to 1e-10 for x ≥ 1. */
export function digamma(x: number): number {
  let shifted = 0;
  let y = x;
  for (; y < 8; y++) shifted -= 1 / y;
  const t = 1 / (y * y);
  return shifted + Math.log(y) - 1 / (2 * y) - t * (1 / 12 - t * (1 / 120 - t * (1 / 252 - t * (1 / 240 - t / 132))));
}

/** ψ′: likewise (Abramowitz and Stegun 6.4.6, 6.4.12). */
export function trigamma(x: number): number {
  let shifted = 0;
  let y = x;
  for (; y < 8; y++) shifted += 1 / (y * y);
  const t = 1 / (y * y);
  return shifted + 1 / y + t / 2 + (t / y) * (1 / 6 - t * (1 / 30 - t * (1 / 42 - t * (1 / 30 - (t * 5) / 66))));
}

// --- internal ---

const STEPS = 64;
const SPAN = 8;

const GRID = (() => {
  const points = Array.from({ length: STEPS }, (_, step) => {
    const z = -SPAN + ((step + 0.5) * 2 * SPAN) / STEPS;
    return { z, weight: Math.exp((-z * z) / 2) };
  });
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.map(({ z, weight }) => ({ z, weight: weight / total }));
})();
