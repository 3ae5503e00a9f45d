import type { Count } from "../../domain/canary/evidence.ts";
import { readGuards } from "../../domain/canary/guards.ts";
import type { Guard } from "../../domain/entities/canary.ts";
import type { OutcomeKind } from "../../domain/entities/customer.ts";
import { type Random, seededRandom } from "../../domain/values/random.ts";

/** What the deliveries of a simulated canary do. */
export interface Behaviour {
  /** Chance of each outcome of a delivery, independently. */
  readonly rates: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Chance of a success, and that of the experiences beside it. */
  readonly success?: { readonly mine: number; readonly others: number };
  /** Deliveries that go out, on average, between a delivery and its outcome; 0: at once. */
  readonly delay: number;
}

export interface Lives {
  /** Share of lives that were stopped. */
  readonly stopped: number;
  /** Deliveries until the stop in the median life and in nine of ten; Infinity where fewer were stopped. */
  readonly median: number;
  readonly nineOfTen: number;
}

/** Lives of so many deliveries each, all guards looked at after each outcome. The same seed gives the same lives. */
export function simulate(
  guards: readonly Guard[],
  behaviour: Behaviour,
  { lives, deliveries, seed }: { lives: number; deliveries: number; seed: string },
): Lives {
  const stops: number[] = [];
  for (let life = 0; life < lives; life++) stops.push(live(guards, behaviour, deliveries, seededRandom(`${seed}\n${life}`)));
  stops.sort((a, b) => a - b);
  const at = (share: number): number => stops[Math.ceil(share * lives) - 1] ?? Number.POSITIVE_INFINITY;
  return { stopped: stops.filter(Number.isFinite).length / lives, median: at(0.5), nineOfTen: at(0.9) };
}

// --- internal ---

type News = OutcomeKind | "ended" | "succeeded" | "others ended" | "others succeeded";

/** Deliveries at which the canary is stopped; Infinity if it never is. */
function live(guards: readonly Guard[], behaviour: Behaviour, deliveries: number, random: Random): number {
  const { delay } = behaviour;
  const pending = new Map<number, News[]>();
  const tally = { deliveries: 0, outcomes: {} as Partial<Record<OutcomeKind, number>>, ended: zero(), others: zero() };
  const isBrokenBy = (news: News): boolean => {
    add(tally, news);
    return readGuards(guards, tally).some(({ isBroken }) => isBroken);
  };
  for (let now = 1; now <= deliveries + 12 * delay; now++) {
    tally.deliveries = Math.min(now, deliveries);
    for (const news of now <= deliveries ? outcomesOf(behaviour, random) : []) {
      const at = now + Math.floor(-delay * Math.log(1 - random()));
      pending.set(at, [...(pending.get(at) ?? []), news]);
    }
    if (pending.get(now)?.some(isBrokenBy)) return tally.deliveries;
    pending.delete(now);
  }
  return Number.POSITIVE_INFINITY;
}

/** What comes of one delivery, and of one of the experiences beside it. */
function outcomesOf({ rates, success }: Behaviour, random: Random): News[] {
  const news: News[] = (Object.entries(rates) as [OutcomeKind, number][]).flatMap(([kind, rate]) => (random() < rate ? [kind] : []));
  if (success) news.push(random() < success.mine ? "succeeded" : "ended", random() < success.others ? "others succeeded" : "others ended");
  return news;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const zero = (): Mutable<Count> => ({ trials: 0, events: 0 });

interface Running {
  readonly outcomes: Partial<Record<OutcomeKind, number>>;
  readonly ended: Mutable<Count>;
  readonly others: Mutable<Count>;
}

function add({ outcomes, ended, others }: Running, news: News): void {
  switch (news) {
    case "ended":
    case "succeeded":
      ended.trials++;
      if (news === "succeeded") ended.events++;
      return;
    case "others ended":
    case "others succeeded":
      others.trials++;
      if (news === "others succeeded") others.events++;
      return;
    default:
      outcomes[news] = (outcomes[news] ?? 0) + 1;
  }
}
