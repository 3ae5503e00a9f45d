/** Frees the place that a delivery holds on its channel. */
export type FreePlace = () => void;

/**
 * A claim of deliveries that is written by the commit that reserves them, and not by a transaction of its own. From then on their rows say
 * `sending`: each begins to be sent, once, by the process that has committed it, or is taken back. Until then it holds a place on its channel.
 */
export class ClaimAhead {
  readonly name: string;
  private readonly places: Map<string, FreePlace>;

  constructor(name: string, places: ReadonlyMap<string, FreePlace>) {
    this.name = name;
    this.places = new Map(places);
  }

  /** Deliveries that have neither begun nor been taken back. */
  deliveryIds(): ReadonlySet<string> {
    return new Set(this.places.keys());
  }

  /** Whether the delivery begins to be sent now; false where it has begun or was taken back before. */
  begin(deliveryId: string): boolean {
    const free = this.places.get(deliveryId);
    free?.();
    return this.places.delete(deliveryId);
  }

  /** Takes back what has not begun, and returns its ids. */
  takeBack(): string[] {
    const ids = [...this.places.keys()];
    for (const free of this.places.values()) free();
    this.places.clear();
    return ids;
  }
}
