import { normal, seededRandom } from "../values/random.ts";
import { type Belief, sigmoid } from "./propensity.ts";

/** A competing choice: its worth is `scale` times the probability that the belief describes. */
export interface Contender {
  readonly belief: Belief;
  /** C × V × L. */
  readonly scale: number;
}

/**
 * The chance that contender `index` has the highest worth when every probability is drawn from its belief.
 * One-dimensional integral over the contender's own draw of the product of the others' distribution functions, by the
 * midpoint rule up to 6 deviations, from where the draw beats what is certain: deterministic, and within 1e-4 for beliefs
 * that are normal in log-odds. The rule is taken piece by piece: a piece ends where the draw is worth the most that another
 * could ever be worth, because that one's function is steepest just below. Equal worths go to the contender that comes first.
 * In a contest of many, a few of these ends are enough, and contenders that cannot change the product are left out of it.
 */
export function chanceToWin(contenders: readonly Contender[], index: number): number {
  const own = contenders[index];
  if (!own) return 0;
  if (contenders.length === 1) return 1;
  if (isCertain(own)) {
    const worth = certainWorth(own);
    return product(contenders, (contender, at) => (at === index ? 1 : chanceBelow(contender, worth, at < index)));
  }
  const { exploring, start } = rivalsOf(own, contenders, index);
  if (start >= SPAN) return 0;
  const isOfMany = exploring.length > MANY;
  const ends = drawsAtCeilings(own, exploring, start);
  const bounds = [start, ...(isOfMany ? thinned(ends, MOST_ENDS) : ends), SPAN];
  const chanceOf = isOfMany ? productOfMany(exploring) : productOf(exploring);
  const steps = Math.max(FEWEST_STEPS, Math.ceil(STEPS / (bounds.length - 1)));
  let sum = 0;
  for (const [piece, from] of bounds.slice(0, -1).entries()) {
    const length = (bounds[piece + 1] ?? SPAN) - from;
    for (let step = 0; step < steps; step++) {
      const { share, slope } = crowded((step + 0.5) / steps);
      const z = from + share * length;
      const worth = worthAt(own, z);
      sum += (Math.exp((-z * z) / 2) * chanceOf(worth) * slope * length) / steps;
    }
  }
  return Math.min(1, sum / Math.sqrt(2 * Math.PI));
}

/** Up to so many, the chance of each is computed; of more, only that of one, as each takes the others into account. */
const FEW = 24;
const DRAWS = 1000;

/**
 * The chance of each contender to win, by its place; those that cannot win are left out. Where many compete, that of the one that is asked for
 * is exact, and those of the others are their shares of 1,000 draws, so that together they are certain.
 *
 * @param asked the place of the one, below zero for none
 */
export function chancesToWin(contenders: readonly Contender[], asked: number, seed: string): (readonly [place: number, chance: number])[] {
  if (contenders.length <= FEW) return contenders.map((_, place) => [place, chanceToWin(contenders, place)]);
  const exact = chanceToWin(contenders, asked);
  const wins = new Map<number, number>();
  const random = seededRandom(`${seed}\nchances`);
  for (let draw = 0; draw < DRAWS; draw++) {
    const worths = contenders.map((one) => (isCertain(one) ? certainWorth(one) : worthAt(one, normal(random))));
    const best = worths.reduce((first, worth, place) => (worth > (worths[first] ?? 0) ? place : first), 0);
    if (best !== asked) wins.set(best, (wins.get(best) ?? 0) + 1);
  }
  const all = [...wins.values()].reduce((sum, count) => sum + count, 0);
  const others = [...wins].map(([place, count]): [number, number] => [place, ((1 - exact) * count) / all]);
  return asked < 0 ? others : [[asked, all === 0 ? 1 : exact], ...others];
}

// --- internal ---

const SPAN = 6;
const STEPS = 400;
const FEWEST_STEPS = 50;

/** A contest of more contenders than this is one of many. */
const MANY = 64;
/** Ends of pieces in a contest of many. */
const MOST_ENDS = 7;
/** A product below this counts as zero in a contest of many. */
const NEGLIGIBLE = 1e-7;
/** In a contest of many, what is worth more than another at this draw beats it for certain: 5,000 of them leave out less than 1e-5. */
const SURE = 6;

/** Nothing is drawn where the belief is certain, or where the worth is zero for every draw. */
const isCertain = ({ belief, scale }: Contender): boolean => belief.deviation === 0 || scale === 0;

const certainWorth = ({ belief, scale }: Contender): number => scale * sigmoid(belief.logit);

const worthAt = ({ belief, scale }: Contender, z: number): number => scale * sigmoid(belief.logit + z * belief.deviation);

/** The others that explore, and the draw from which those that are certain are beaten. */
function rivalsOf(own: Contender, contenders: readonly Contender[], index: number): { exploring: readonly Contender[]; start: number } {
  const exploring: Contender[] = [];
  let start = -SPAN;
  for (let place = 0; place < contenders.length; place++) {
    const contender = contenders[place];
    if (place === index || !contender) continue;
    if (isCertain(contender)) start = Math.max(start, drawThatIsWorth(own, certainWorth(contender)));
    else exploring.push(contender);
  }
  return { exploring, start };
}

function product<T>(others: readonly T[], chanceOf: (other: T, place: number) => number): number {
  let chance = 1;
  for (let place = 0; place < others.length; place++) {
    chance *= chanceOf(others[place] as T, place);
    if (chance === 0) return 0;
  }
  return chance;
}

/** The draw, in deviations from its mean, at which a contender is worth this much; infinite when it never is. */
const drawThatIsWorth = ({ belief, scale }: Contender, worth: number): number => (logOdds(worth / scale) - belief.logit) / belief.deviation;

/** In ascending order, the draws at which a contender is worth as much as others that are certain to succeed. */
function drawsAtCeilings(own: Contender, others: readonly Contender[], start: number): readonly number[] {
  // Numbers alone, as there may be thousands.
  const draws = new Float64Array(others.length);
  let count = 0;
  for (const { scale } of others) {
    const z = drawThatIsWorth(own, scale);
    if (z > start && z < SPAN) draws[count++] = z;
  }
  const ascending = draws.subarray(0, count).sort();
  return Array.from(ascending.filter((z, place) => place === 0 || z !== ascending[place - 1]));
}

/** At most `count` of these, the last among them, in even steps. */
function thinned(ends: readonly number[], count: number): readonly number[] {
  const step = Math.ceil(ends.length / count);
  return ends.filter((_, place) => (ends.length - 1 - place) % step === 0);
}

/** The chance that all of some contenders are worth less than a worth. */
type Product = (worth: number) => number;

const productOf =
  (contenders: readonly Contender[]): Product =>
  (worth) =>
    product(contenders, (contender) => chanceBelow(contender, worth, false));

/** The same of many: equal ones at once, the strongest first, until the rest cannot change it. */
function productOfMany(contenders: readonly Contender[]): Product {
  const strongest = kindsOf(contenders);
  return (worth) => {
    let chance = 1;
    for (const { contender, count, most } of strongest) {
      if (most <= worth) break;
      chance *= chanceBelow(contender, worth, false) ** count;
      if (chance < NEGLIGIBLE) return 0;
    }
    return chance;
  };
}

/** Contenders by what they are, the strongest first. */
function kindsOf(contenders: readonly Contender[]): readonly Kind[] {
  const ordered = contenders.map((contender): Kind => ({ contender, most: worthAt(contender, SURE), count: 1 })).sort(strongerFirst);
  const kinds: Kind[] = [];
  let begin = 0;
  for (const one of ordered) {
    // Equal ones stand beside each other, with the few others that are worth as much at most.
    if (kinds[begin]?.most !== one.most) begin = kinds.length;
    const kind = sameKind(kinds, begin, one.contender);
    if (kind) kind.count++;
    else kinds.push(one);
  }
  return kinds;
}

/** Compares without a difference: of thousands, each would be a number of its own in memory. */
const strongerFirst = ({ most: a }: Kind, { most: b }: Kind): number => (a < b ? 1 : a > b ? -1 : 0);

function sameKind(kinds: readonly Kind[], begin: number, contender: Contender): Kind | undefined {
  for (let place = begin; place < kinds.length; place++) {
    const kind = kinds[place];
    if (kind && isSameKind(kind.contender, contender)) return kind;
  }
  return undefined;
}

/** Equal contenders. */
interface Kind {
  readonly contender: Contender;
  /** What they are worth where they are drawn as high as counts. */
  readonly most: number;
  count: number;
}

const isSameKind = (a: Contender, b: Contender): boolean =>
  a.scale === b.scale && a.belief.logit === b.belief.logit && a.belief.deviation === b.belief.deviation;

/** Maps equal steps in 0 to 1 onto steps that are denser towards both ends, with the slope of the map. */
const crowded = (u: number): { readonly share: number; readonly slope: number } => ({
  share: u * u * u * (10 - 15 * u + 6 * u * u),
  slope: 30 * u * u * (1 - u) * (1 - u),
});

/** Probability that a contender's worth is below a given worth. */
function chanceBelow(contender: Contender, worth: number, winsTies: boolean): number {
  if (isCertain(contender)) {
    const theirs = certainWorth(contender);
    return theirs < worth || (theirs === worth && !winsTies) ? 1 : 0;
  }
  return standardNormal(drawThatIsWorth(contender, worth));
}

function logOdds(share: number): number {
  if (share <= 0) return Number.NEGATIVE_INFINITY;
  return share >= 1 ? Number.POSITIVE_INFINITY : Math.log(share / (1 - share));
}

/** Distribution function of the standard normal (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
export function standardNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
