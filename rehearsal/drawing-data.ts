import type { Random } from "../domain/values/random.ts";
import type { DrawSaid } from "./answering.ts";
import type { PastCustomer } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { type OwnSignals, ownData } from "./own-signals.ts";
import { type Datum, type Redrawn, redrawn } from "./signal-data.ts";

/** Which recorded signal a customer's next one is like: one of hers, else one of a customer like her, else any; undefined where all lack data. */
export type DrawDatum = (own: OwnSignals, place: number, random: Random) => Datum | undefined;

/** Draws which recorded signal is like the next one of a customer. Reads the places of customers who are alike once for each type. */
export function datumDrawer(customers: readonly PastCustomer[]): DrawDatum {
  const alike = new Map<OwnSignals, ReadonlyMap<string, readonly Datum[]>>();
  return (own, place, random) => {
    const { from, to } = ownData(own, place);
    const draw = random();
    if (to > from) return own.data[from + Math.floor(draw * (to - from))];
    const like = customers[place]?.like;
    let groups = alike.get(own);
    if (!groups) {
      groups = groupedBy(own.data, ({ by }) => customers[by]?.like ?? "");
      alike.set(own, groups);
    }
    const group = (like === undefined ? undefined : groups.get(like)) ?? own.data;
    return group[Math.floor(draw * group.length)];
  };
}

/** What a signal says that is like a recorded one of its type. */
export function saidLike(own: OwnSignals, datum: Datum, place: number, like: Pick<Redrawn, "customerId" | "at" | "key">) {
  const isOwn = datum.by === place;
  const latest = isOwn ? (own.data[ownData(own, place).from] ?? datum) : datum;
  return redrawn(datum, own.type, own.rules, { ...like, isOwn, latest });
}

/** Draws what a signal of a type says that a customer sends of herself. */
export function saidDrawer(
  types: readonly OwnSignals[],
  drawDatum: DrawDatum,
  placeOf: (customerId: string) => number | undefined,
): DrawSaid {
  const byType = new Map(types.map((own) => [own.type, own]));
  return (type, like, random) => {
    const [own, place] = [byType.get(type), placeOf(like.customerId)];
    const datum = own && place !== undefined ? drawDatum(own, place, random) : undefined;
    return own && place !== undefined && datum ? { source: datum.source, data: saidLike(own, datum, place, like) } : undefined;
  };
}
