import type { Tally } from "../../domain/canary/guards.ts";
import { type Change, firstStatus } from "../../domain/entities/change.ts";
import { type Customer, counts, type DeliveryStatus, type OutcomeKind } from "../../domain/entities/customer.ts";
import { DAY, type Instant } from "../../domain/values/time.ts";
import type { SuccessRule, TallyQuestion } from "../../store/store.ts";

/** What is kept of a delivery once it has left: what limits and canaries count. */
export interface LedgerEntry {
  readonly customerId: string;
  readonly experienceId: string;
  readonly reservedAt: Instant;
  readonly canary?: string | undefined;
  status: DeliveryStatus;
  settledAt?: Instant;
  outcomes?: OutcomeKind[];
}

/** The ledger of a play: deliveries, and the slots that they take. */
export class PlayedDeliveries {
  private readonly all = new Map<string, LedgerEntry>();
  private readonly byExperience = new Map<string, LedgerEntry[]>();
  private readonly used = new Map<string, number>();

  get(deliveryId: string): LedgerEntry | undefined {
    return this.all.get(deliveryId);
  }

  /** Slots used by experiences. */
  get totals(): ReadonlyMap<string, number> {
    return this.used;
  }

  add(deliveryId: string, delivery: LedgerEntry): void {
    this.all.set(deliveryId, delivery);
    const known = this.byExperience.get(delivery.experienceId);
    if (known) known.push(delivery);
    else this.byExperience.set(delivery.experienceId, [delivery]);
    if (counts(delivery.status)) this.count(delivery.experienceId, 1);
  }

  /** What was there before the play: deliveries that canaries count, and the slots that all of them take. */
  take(ledger: readonly (readonly [string, LedgerEntry])[], totals: readonly (readonly [string, number])[]): void {
    for (const [deliveryId, entry] of ledger) this.add(deliveryId, { ...entry });
    for (const [experienceId, used] of totals) this.used.set(experienceId, used);
  }

  entries(): [string, LedgerEntry][] {
    return [...this.all].map(([deliveryId, entry]) => [deliveryId, { ...entry }]);
  }

  /** What a change of a customer says about deliveries; hers from before the play are known by her notes. */
  note({ customerId, deliveries }: Pick<Customer, "customerId" | "deliveries">, change: Change): void {
    if (change.type === "delivery_moved") this.move(change.deliveryId, change.to, change.at, deliveries);
    if (change.type === "outcome_added") this.addOutcome(change.outcome.deliveryId, change.outcome.kind);
    if (change.type !== "decided" || !change.delivery) return;
    const { delivery } = change;
    const { deliveryId, experienceId, at, canary } = delivery;
    const status = firstStatus(delivery);
    this.add(deliveryId, { customerId, experienceId, reservedAt: at, canary, status, ...(status === "reserved" ? {} : { settledAt: at }) });
  }

  /** What the guards of a canary count, as the store counts it (`store/canaries.ts`). */
  tally({ life, mine, others, now }: TallyQuestion): Tally {
    const own = this.trials(mine.experienceId).filter(({ canary }) => canary === life);
    const ended = own.filter((one) => isOver(one, mine, now));
    const days = new Set(own.map(({ reservedAt }) => dayOf(reservedAt)));
    const theirs = others.flatMap((rule) =>
      this.trials(rule.experienceId)
        .filter((one) => one.canary !== life && days.has(dayOf(one.reservedAt)) && isOver(one, rule, now))
        .map((one) => hasSucceeded(one, rule)),
    );
    const outcomes: Partial<Record<OutcomeKind, number>> = {};
    for (const kind of own.flatMap((one) => one.outcomes ?? [])) outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    return {
      deliveries: own.length,
      outcomes,
      ended: { trials: ended.length, events: ended.filter((one) => hasSucceeded(one, mine)).length },
      others: { trials: theirs.length, events: theirs.filter(Boolean).length },
    };
  }

  private move(deliveryId: string, to: DeliveryStatus, at: Instant, notes: Customer["deliveries"]): void {
    const delivery = this.all.get(deliveryId);
    const before = delivery ?? notes.find((note) => note.deliveryId === deliveryId);
    if (!before || (to === "cancelled" && before.status !== "reserved")) return;
    if (counts(before.status) !== counts(to)) this.count(before.experienceId, counts(to) ? 1 : -1);
    if (!delivery) return;
    delivery.status = to;
    delivery.settledAt = at;
  }

  private addOutcome(deliveryId: string, kind: OutcomeKind): void {
    const delivery = this.all.get(deliveryId);
    if (!delivery || delivery.outcomes?.includes(kind)) return;
    delivery.outcomes = [...(delivery.outcomes ?? []), kind];
  }

  private count(experienceId: string, slots: number): void {
    this.used.set(experienceId, (this.used.get(experienceId) ?? 0) + slots);
  }

  /** What was handed over or will be. */
  private trials(experienceId: string): LedgerEntry[] {
    return (this.byExperience.get(experienceId) ?? []).filter(({ status }) => status !== "cancelled" && status !== "failed");
  }
}

// --- internal ---

const dayOf = (at: Instant): number => Math.floor(at / DAY);

const isOver = ({ settledAt, reservedAt }: LedgerEntry, { within }: SuccessRule, now: Instant): boolean =>
  (settledAt ?? reservedAt) + within <= now;

const hasSucceeded = ({ outcomes = [] }: LedgerEntry, { isDefined }: SuccessRule): boolean =>
  outcomes.some((kind) => kind === "converted" || (!isDefined && (kind === "opened" || kind === "clicked" || kind === "replied")));
