import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { normal, seededRandom } from "../values/random.ts";
import { type Contender, chancesToWin, chanceToWin, standardNormal } from "./chance.ts";
import { sigmoid } from "./propensity.ts";

const contender = (logit: number, deviation: number, scale = 1): Contender => ({
  belief: { mean: sigmoid(logit), logit, deviation },
  scale,
});
const chances = (contenders: readonly Contender[]) => contenders.map((_, index) => chanceToWin(contenders, index));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** How often each wins when all are drawn again and again; ties go to the first. */
function simulated(contenders: readonly Contender[], draws: number): number[] {
  const random = seededRandom("simulation");
  const wins = contenders.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    const worths = contenders.map(({ belief, scale }) => scale * sigmoid(belief.logit + belief.deviation * normal(random)));
    const best = worths.indexOf(Math.max(...worths));
    wins[best] = (wins[best] ?? 0) + 1;
  }
  return wins.map((won) => won / draws);
}

describe("the chance to win", () => {
  test.each<[string, Contender[], number[]]>([
    ["alone", [contender(0, 1)], [1]],
    ["alone and certain", [contender(0, 0)], [1]],
    ["two of a kind that explore", [contender(0, 1), contender(0, 1)], [0.5, 0.5]],
    ["two that are certain: the better", [contender(0, 0), contender(1, 0)], [0, 1]],
    ["two that are certain and equal: the first", [contender(0, 0), contender(0, 0)], [1, 0]],
    ["scale counts", [contender(0, 0, 2), contender(1, 0)], [1, 0]],
    ["one explores against a certain one", [contender(0, 1), contender(0, 0)], [0.5, 0.5]],
    ["out of reach: twice the scale of what is certain", [contender(0, 1), contender(0, 0, 4)], [0, 1]],
    ["worth nothing", [contender(0, 1, 0), contender(0, 1)], [0, 1]],
    ["all worth nothing: the first", [contender(0, 1, 0), contender(0, 1, 0)], [1, 0]],
    ["sure of success and equal: the first", [contender(Number.POSITIVE_INFINITY, 0), contender(Number.POSITIVE_INFINITY, 0)], [1, 0]],
  ])("%s", (_, contenders, wanted) => {
    const found = chances(contenders);
    for (const [index, chance] of wanted.entries()) expect(found[index]).toBeCloseTo(chance, 4);
  });

  test("an absent arm never wins", () => {
    expect(chanceToWin([contender(0, 1)], 3)).toBe(0);
  });

  const contenders = fc.array(
    fc
      .record({
        logit: fc.double({ min: -4, max: 4, noNaN: true }),
        deviation: fc.constantFrom(0, 0.2, 1, 2),
        scale: fc.double({ min: 0.01, max: 1000, noNaN: true }),
      })
      .map(({ logit, deviation, scale }) => contender(logit, deviation, scale)),
    { minLength: 1, maxLength: 6 },
  );

  test("the win probabilities sum to one, also where the surest arm is barely out of reach", () => {
    const given = [contender(3.9999999999999925, 2, 0.025094535719074967), contender(0, 1, 0.06700985790868563)];
    expect(sum(chances(given))).toBeCloseTo(1, 6);
  });

  test("the win probabilities sum to one", () => {
    fc.assert(
      fc.property(contenders, (given) => {
        expect(Math.abs(sum(chances(given)) - 1)).toBeLessThan(0.0001);
        for (const chance of chances(given)) expect(chance).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test("it is the frequency of wins when all are drawn", () => {
    const close = fc.array(
      fc
        .record({
          logit: fc.double({ min: -1, max: 1, noNaN: true }),
          deviation: fc.constantFrom(0, 0.3, 1),
          scale: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
        })
        .map(({ logit, deviation, scale }) => contender(logit, deviation, scale)),
      { minLength: 2, maxLength: 4 },
    );
    fc.assert(
      fc.property(close, (given) => {
        const found = chances(given);
        for (const [index, share] of simulated(given, 4_000).entries()) expect(Math.abs(share - (found[index] ?? 0))).toBeLessThan(0.05);
      }),
      { numRuns: 20, seed: 1, endOnFailure: true },
    );
  });
});

describe("a contest of many", () => {
  const random = seededRandom("many");
  const many = (count: number, make: (place: number) => Contender) => Array.from({ length: count }, (_, place) => make(place));
  const CONTESTS: Readonly<Record<string, (count: number) => Contender[]>> = {
    "nothing is known of any, and all are worth the same": (count) => many(count, () => contender(0, 1.8)),
    "each has its own value": (count) => many(count, (place) => contender(0, 1.8, 1 + place)),
    "each has learned its own rate": (count) => many(count, () => contender(-3 + normal(random), 0.05 + random())),
    "rates and values differ, and some are certain": (count) =>
      many(count, (place) => contender(-2 + normal(random), place % 9 === 0 ? 0 : 0.1 + random(), 1 + Math.floor(5 * random()))),
  };

  /** The integral by steps as fine as it takes. */
  function integral(contenders: readonly Contender[], index: number): number {
    const STEPS = 6_000;
    const own = contenders[index] ?? expect.fail("there is one");
    const worthOf = ({ belief, scale }: Contender, z: number) => scale * sigmoid(belief.logit + z * belief.deviation);
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      const z = -6 + (12 * (step + 0.5)) / STEPS;
      const worth = worthOf(own, z);
      let chance = Math.exp((-z * z) / 2);
      for (const [place, { belief, scale }] of contenders.entries()) {
        if (place === index || chance === 0) continue;
        const share = worth / scale;
        if (belief.deviation === 0) chance *= share > sigmoid(belief.logit) ? 1 : 0;
        else if (share < 1) chance *= standardNormal((Math.log(share / (1 - share)) - belief.logit) / belief.deviation);
      }
      sum += (chance * 12) / STEPS;
    }
    return sum / Math.sqrt(2 * Math.PI);
  }

  const strongest = (contenders: readonly Contender[]) =>
    contenders
      .map(({ belief, scale }, place) => ({ place, worth: scale * sigmoid(belief.logit + belief.deviation) }))
      .sort((a, b) => b.worth - a.worth)
      .map(({ place }) => place);

  test.each(Object.entries(CONTESTS))("where %s, it is the integral", (_, contest) => {
    const contenders = contest(150);
    for (const index of strongest(contenders).filter((__, place) => place % 40 === 0)) {
      if (contenders[index]?.belief.deviation === 0) continue;
      expect(Math.abs(chanceToWin(contenders, index) - integral(contenders, index))).toBeLessThan(0.0001);
    }
  });

  test.each(Object.entries(CONTESTS))("of 5,000, where %s, few are evaluated", (_, contest) => {
    const contenders = contest(5_000);
    const [best = 0] = strongest(contenders).filter((index) => contenders[index]?.belief.deviation !== 0);
    const evaluated = vi.spyOn(Math, "log");
    chanceToWin(contenders, best);
    const count = evaluated.mock.calls.length;
    evaluated.mockRestore();
    expect(count).toBeLessThan(250_000);
  });
});

test.each([
  [0, 0.5],
  [1, 0.8413447],
  [-1, 0.1586553],
  [1.96, 0.9750021],
  [6, 1],
  [-6, 0],
  [Number.POSITIVE_INFINITY, 1],
  [Number.NEGATIVE_INFINITY, 0],
])("the normal distribution at %d is %d", (z, wanted) => {
  expect(standardNormal(z)).toBeCloseTo(wanted, 6);
});

test("of few contenders each has its chance; of many the one that is asked for, and together they are certain", () => {
  const competing = (count: number) => Array.from({ length: count }, (_, n) => contender(n / 40, n % 5 === 0 ? 0 : 0.6, 1 + (n % 3)));
  const few = competing(5);
  expect(chancesToWin(few, -1, "s")).toEqual(few.map((_, place) => [place, chanceToWin(few, place)]));
  const many = competing(40);
  const whole = (all: ReturnType<typeof chancesToWin>): number => sum(all.map(([, chance]) => chance));
  const asked = chancesToWin(many, 38, "s");
  expect(asked[0]).toEqual([38, chanceToWin(many, 38)]);
  expect([whole(asked), whole(chancesToWin(many, -1, "s"))]).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
  expect(chancesToWin(many, 38, "s")).toEqual(asked);
  // A share of a thousand draws is near the chance.
  for (const [place, chance] of asked) expect(Math.abs(chance - chanceToWin(many, place))).toBeLessThan(0.05);
});
