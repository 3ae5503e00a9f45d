import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { encodeFeatures } from "../../domain/learning/features.ts";
import { normal, type Random, seededRandom } from "../../domain/values/random.ts";
import type { LoggedDecision, Probabilities } from "../../off-policy/log.ts";
import { numberIn, readCsv, textOf } from "./csv.ts";

/** One impression of the Open Bandit Dataset: an item shown at one of the positions of a page, and whether it was clicked. */
export interface Impression extends LoggedDecision {
  readonly position: number;
}

/** A campaign that ran under two policies at the same time: the log of each gives the true value of the other's estimate. */
export interface Campaign {
  readonly name: string;
  /** Every item with equal probability. */
  readonly random: readonly Impression[];
  /** Thompson sampling with a Beta distribution for each item, learned before and while the log was written. */
  readonly bts: readonly Impression[];
  /** Probabilities of Thompson sampling at each position, from what it had learned before. */
  readonly byPosition: ReadonlyMap<number, Probabilities>;
}

/** Campaigns with both logs present. */
export function readCampaigns(dir: string): Campaign[] {
  const priors = join(dir, "prior_bts.yaml");
  if (!existsSync(priors)) return [];
  const prior = priorsOf(priors);
  return Object.keys(prior).flatMap((name) => {
    const fileOf = (policy: string) => join(dir, policy, name, `${name}.csv`);
    if (!existsSync(fileOf("random")) || !existsSync(fileOf("bts"))) return [];
    const [random, bts] = [readImpressions(fileOf("random")), readImpressions(fileOf("bts"))];
    return [{ name, random, bts, byPosition: thompson(prior[name] ?? { alpha: [], beta: [] }) }];
  });
}

// --- internal ---

const FEATURES = ["user_feature_0", "user_feature_1", "user_feature_2", "user_feature_3"];
const POSITIONS = [1, 2, 3];
/** Enough to estimate a probability of 1 % within a twentieth of itself. */
const DRAWS = 40_000;

const Prior = z.object({ alpha: z.array(z.number().min(1)), beta: z.array(z.number().min(1)) });
type Prior = z.infer<typeof Prior>;

function priorsOf(file: string): Readonly<Record<string, Prior>> {
  const read = z.record(z.string(), Prior).safeParse(parse(textOf(file)));
  if (read.success) return read.data;
  throw new SentientError("BAD_INPUT", `${file}: expected alpha and beta of every item for each campaign`);
}

function readImpressions(file: string): Impression[] {
  const rows = readCsv(textOf(file), file, ["item_id", "position", "click", "propensity_score", ...FEATURES]);
  return rows.map((row) => {
    const position = numberIn(row, "position", file, { min: 1, max: 3 });
    return {
      position,
      action: row.cells.get("item_id") ?? "",
      probability: numberIn(row, "propensity_score", file, { min: 1e-9, max: 1 }),
      reward: numberIn(row, "click", file, { min: 0, max: 1 }),
      features: encodeFeatures([["position", `${position}`], ...FEATURES.map((name) => [name, row.cells.get(name)] as const)]),
      line: row.line,
    };
  });
}

/** How often each item is first, second and third when every item's rate is drawn from its Beta distribution. */
function thompson({ alpha, beta }: Prior): ReadonlyMap<number, Probabilities> {
  const random = seededRandom("bts");
  const counts = POSITIONS.map(() => new Map(alpha.map((_, item) => [`${item}`, 0])));
  for (let draw = 0; draw < DRAWS; draw++) {
    const ranked = alpha.map((a, item) => ({ item: `${item}`, rate: betaDraw(a, beta[item] ?? 1, random) }));
    ranked.sort((one, other) => other.rate - one.rate);
    for (const [at, count] of counts.entries()) {
      const item = ranked[at]?.item ?? "";
      count.set(item, (count.get(item) ?? 0) + 1 / DRAWS);
    }
  }
  return new Map(POSITIONS.map((position, at) => [position, counts[at] ?? new Map()]));
}

function betaDraw(a: number, b: number, random: Random): number {
  const own = gammaDraw(a, random);
  return own / (own + gammaDraw(b, random));
}

/** Marsaglia and Tsang 2000, "A simple method for generating gamma variables", for shapes of at least 1. */
function gammaDraw(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  for (;;) {
    const z = normal(random);
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random()) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
