import fc from "fast-check";
import { expect, test } from "vitest";
import { normal, seededRandom } from "../values/random.ts";
import { encodeFeatures } from "./features.ts";
import { belief, type Learned, learn, MAX_WEIGHTS, NOTHING_LEARNED, readLearned } from "./learning.ts";
import { priorBelief } from "./prior.ts";

const segment = (name: string | undefined) => encodeFeatures([["customer.segment", name]]);

/** Outcomes of an arm, one after the other, whose rate depends on the segment. */
function taught(rates: Readonly<Record<string, number>>, outcomes: number, seed = "taught", from: Learned = NOTHING_LEARNED): Learned {
  const random = seededRandom(seed);
  const names = Object.keys(rates);
  let learned = from;
  for (let index = 0; index < outcomes; index++) {
    const name = names[Math.floor(random() * names.length)] ?? "";
    learned = learn(learned, segment(name), random() < (rates[name] ?? 0) ? 1 : 0);
  }
  return learned;
}

test("an arm without any outcome has the prior: around one half, or around its expected rate", () => {
  expect(belief(NOTHING_LEARNED, segment("vip"))).toEqual(priorBelief(0.5));
  expect(belief(NOTHING_LEARNED, segment("vip"), 0.02)).toEqual(priorBelief(0.02));
  expect(belief(learn(NOTHING_LEARNED, [], 1), [], 0.02)).toEqual(belief(learn(NOTHING_LEARNED, [], 1), []));
});

test("without features the belief is that of counted successes and failures, in any order", () => {
  const outcomes = [1, 0, 0, 0, 1, 0, 0, 0];
  const forth = outcomes.reduce((learned, reward) => learn(learned, [], reward), NOTHING_LEARNED);
  const back = outcomes.reduceRight((learned, reward) => learn(learned, [], reward), NOTHING_LEARNED);

  // The mean log-odds of Beta(3, 7) are H(2) − H(6), with H the harmonic numbers.
  expect(belief(forth, []).logit).toBeCloseTo(1.5 - 2.45, 2);
  expect(belief(forth, []).mean).toBeCloseTo(3 / 10, 2);
  expect(belief(back, []).logit).toBeCloseTo(belief(forth, []).logit, 3);
});

test("success raises the expectation and failure lowers it", () => {
  const before = taught({ vip: 0.3 }, 50);

  expect(belief(learn(before, segment("vip"), 1), segment("vip")).mean).toBeGreaterThan(belief(before, segment("vip")).mean);
  expect(belief(learn(before, segment("vip"), 0), segment("vip")).mean).toBeLessThan(belief(before, segment("vip")).mean);
});

test("contexts are distinguished", () => {
  const learned = taught({ vip: 0.4, new: 0.1 }, 2000);

  expect(belief(learned, segment("vip")).mean).toBeCloseTo(0.4, 1);
  expect(belief(learned, segment("new")).mean).toBeCloseTo(0.1, 1);
  expect(belief(learned, segment("vip")).mean).toBeGreaterThan(belief(learned, segment("new")).mean + 0.2);
});

test("an unseen context falls back to the arm's own rate, less certainly", () => {
  const learned = taught({ vip: 0.4, new: 0.1 }, 2000);
  const unmet = belief(learned, segment("somebody else"));

  expect(unmet.mean).toBeCloseTo(0.25, 1);
  expect(unmet.mean).toBeCloseTo(belief(learned, []).mean, 2);
  expect(unmet.deviation).toBeGreaterThan(belief(learned, segment("vip")).deviation);
});

test("one outcome in a context hardly moves the others", () => {
  const before = taught({ vip: 0.4, new: 0.1 }, 400);
  const after = learn(before, segment("vip"), 1);

  const moved = (name: string) => belief(after, segment(name)).logit - belief(before, segment(name)).logit;
  expect(moved("new")).toBeLessThan(moved("vip") / 2);
});

test("more evidence of the same kind narrows the belief", () => {
  let learned = NOTHING_LEARNED;
  let last = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 300; index++) {
    learned = learn(learned, segment("vip"), index % 4 === 0 ? 1 : 0);
    if (index % 4 !== 3) continue;
    const { deviation } = belief(learned, segment("vip"));
    expect(deviation).toBeLessThan(last);
    last = deviation;
  }
});

test("intervals of the belief have about their nominal coverage, also where success is rare", () => {
  const random = seededRandom("calibration");
  const hits: boolean[] = [];
  for (const base of [-4.5, -2.5, -1]) {
    for (let arm = 0; arm < 15; arm++) {
      const own = base + 0.3 * normal(random);
      const effects = Array.from({ length: 4 }, () => 0.4 * normal(random));
      let learned = NOTHING_LEARNED;
      for (let index = 0; index < 600; index++) {
        const at = Math.floor(random() * 4);
        learned = learn(learned, segment(`s${at}`), random() < 1 / (1 + Math.exp(-own - (effects[at] ?? 0))) ? 1 : 0);
      }
      for (const [at, effect] of effects.entries()) {
        const { logit, deviation } = belief(learned, segment(`s${at}`));
        hits.push(Math.abs(own + effect - logit) < 1.645 * deviation);
      }
    }
  }

  const share = hits.filter(Boolean).length / hits.length;
  expect(share).toBeGreaterThan(0.84);
  expect(share).toBeLessThan(0.98);
});

test("the expected rate of rare successes is right on average", () => {
  const learned = taught({ all: 0.01 }, 5000, "rare");

  expect(belief(learned, segment("all")).mean).toBeCloseTo(learned.successes / (learned.successes + learned.failures), 3);
});

test("old evidence decays: a rate that has changed is followed", () => {
  const before = taught({ all: 0.3 }, 20_000, "before");
  const after = taught({ all: 0.1 }, 40_000, "after", before);

  expect(after.successes + after.failures).toBeLessThan(20_000);
  expect(belief(after, segment("all")).mean).toBeLessThan(0.14);
  expect(belief(after, segment("all")).deviation).toBeGreaterThan(0.02);
});

test("half an outcome teaches about half as much as a whole one", () => {
  const before = taught({ vip: 0.3 }, 100);
  const moved = (share?: number) =>
    belief(learn(before, segment("vip"), 1, share), segment("vip")).logit - belief(before, segment("vip")).logit;

  expect(moved(0.5) / moved()).toBeCloseTo(0.5, 1);
  expect(moved(7)).toBe(moved(1));
});

test("a reward between failure and success counts as a share of each", () => {
  const learned = learn(NOTHING_LEARNED, [], 0.25);

  expect([learned.successes, learned.failures]).toEqual([0.25, 0.75]);
});

const reward = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double());
const value = fc.oneof(
  fc.constantFrom("vip", "new", "__proto__", "constructor", "toString", null, undefined, true),
  fc.double(),
  fc.constantFrom(1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY),
  fc.nat(500),
  fc.string(),
);
const features = fc.array(fc.tuple(fc.constantFrom("customer.a", "customer.b", "__proto__", "customer.id"), value), { maxLength: 6 });
const outcomes = fc.array(fc.tuple(features, reward), { maxLength: 150 });

test("for any input, beliefs are usable, the state is bounded, and it survives storage", () => {
  fc.assert(
    fc.property(outcomes, features, (history, now) => {
      const learned = history.reduce((state, [values, got]) => learn(state, encodeFeatures(values), got), NOTHING_LEARNED);
      const { mean, logit, deviation } = belief(learned, encodeFeatures(now));

      expect(mean).toBeGreaterThan(0);
      expect(mean).toBeLessThan(1);
      expect(Number.isFinite(logit)).toBe(true);
      expect(deviation).toBeGreaterThanOrEqual(0);
      expect(learned.weights.length).toBeLessThanOrEqual(MAX_WEIGHTS);
      expect(JSON.stringify(learned).length).toBeLessThan(6000);
      expect(readLearned(JSON.parse(JSON.stringify(learned)))).toEqual(learned);
    }),
    { numRuns: 60 },
  );
});

test("the order of two outcomes matters little", () => {
  const context = fc.constantFrom("vip", "new", undefined).map(segment);
  const outcome = fc.tuple(context, fc.constantFrom(0, 1));
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 20, maxLength: 60 }), outcome, outcome, context, (history, one, other, now) => {
      const before = history.reduce((state, [keys, got]) => learn(state, keys, got), NOTHING_LEARNED);
      const forth = belief(
        [one, other].reduce((state, [keys, got]) => learn(state, keys, got), before),
        now,
      );
      const back = belief(
        [other, one].reduce((state, [keys, got]) => learn(state, keys, got), before),
        now,
      );

      expect(Math.abs(forth.logit - back.logit)).toBeLessThan(0.05 * forth.deviation);
      expect(Math.abs(forth.deviation - back.deviation)).toBeLessThan(0.02 * forth.deviation);
    }),
    { numRuns: 100 },
  );
});

test("learning does not modify its input state", () => {
  const before = taught({ vip: 0.3 }, 10);
  const copy = JSON.stringify(before);
  learn(before, segment("vip"), 1);

  expect(JSON.stringify(before)).toBe(copy);
});

test("a reward that is not a number teaches nothing", () => {
  const before = taught({ vip: 0.3 }, 10);

  expect(learn(before, segment("vip"), Number.NaN)).toBe(before);
  expect(learn(before, segment("vip"), 1, Number.NaN)).toBe(before);
  expect(learn(before, segment("vip"), 1, 0)).toBe(before);
  expect(learn(before, segment("vip"), Number.POSITIVE_INFINITY).successes).toBe(learn(before, segment("vip"), 1).successes);
});

test("a feature with a new value for every customer does not displace established weights", () => {
  const random = seededRandom("displace");
  const known = (name: string, id: number) =>
    encodeFeatures([
      ["customer.segment", name],
      ["customer.id", `c-${id}`],
    ]);
  let learned = NOTHING_LEARNED;
  for (let id = 0; id < 3000; id++) {
    const name = random() < 0.5 ? "vip" : "new";
    learned = learn(learned, known(name, id), random() < (name === "vip" ? 0.4 : 0.1) ? 1 : 0);
  }

  expect(learned.weights).toHaveLength(MAX_WEIGHTS);
  expect(belief(learned, known("vip", -1)).mean).toBeGreaterThan(0.33);
  expect(belief(learned, known("new", -1)).mean).toBeLessThan(0.16);
});

test.each([
  null,
  {},
  { ...NOTHING_LEARNED, version: 2 },
  { ...NOTHING_LEARNED, weights: [["a", 0, -1, 0]] },
  { ...NOTHING_LEARNED, successes: "1" },
])("a state of another version is not read: %j", (stored) => {
  expect(readLearned(stored)).toBeUndefined();
});
