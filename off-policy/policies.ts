import type { LoggedDecision, OtherPolicy, Probabilities } from "./log.ts";

/** Expected reward of an action in a decision, from a model not trained on it. */
export type Expectation = (index: number, action: string) => number;

/** The other policy's probabilities, decision by decision. */
export function probabilitiesOf(
  policy: OtherPolicy,
  log: readonly LoggedDecision[],
  actions: readonly string[],
  expectation: Expectation,
): readonly Probabilities[] {
  if (policy.kind === "given") return policy.probabilities;
  const anything = evenly(actions);
  const evenlyOver = cached(evenly);
  const surely = cached((action: string): Probabilities => new Map([[action, 1]]));
  return log.map(({ choices }, index) => {
    if (policy.kind === "best") return surely(bestOf(choices ?? actions, (action) => expectation(index, action)));
    if (policy.kind === "always" && (choices?.includes(policy.action) ?? true)) return surely(policy.action);
    return choices ? evenlyOver(choices) : anything;
  });
}

/** Expected reward of a policy in a context under a model. */
export function expectedUnder(probabilities: Probabilities, expectation: (action: string) => number): number {
  let sum = 0;
  for (const [action, probability] of probabilities) if (probability > 0) sum += probability * expectation(action);
  return sum;
}

// --- internal ---

/** A pure function that computes each result once: decisions share it. */
function cached<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

const evenly = (choices: readonly string[]): Probabilities => new Map(choices.map((action) => [action, 1 / choices.length]));

/** The best action; on a tie, the first. */
function bestOf(choices: readonly string[], expected: (action: string) => number): string {
  let best = { action: choices[0] ?? "", expected: Number.NEGATIVE_INFINITY };
  for (const action of choices) {
    const own = expected(action);
    if (own > best.expected) best = { action, expected: own };
  }
  return best.action;
}
