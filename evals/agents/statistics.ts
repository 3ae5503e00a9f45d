/** Probability that k trials drawn from these all pass: C(passed, k) / C(trials, k). */
export function passHat(trials: number, passed: number, k: number): number {
  if (k > trials || k < 1) return 0;
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn++) chance *= Math.max(0, passed - drawn) / (trials - drawn);
  return chance;
}
