import { type Customer, hasReached } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { encodeFeatures, readFeatures } from "../domain/learning/features.ts";
import type { Learned } from "../domain/learning/learning.ts";
import { viewOf } from "../domain/record/view.ts";
import type { Period } from "./arrivals.ts";
import type { PastCustomer, PastDelivery, PastSignal, RecordedHistory } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";

export interface Recordings {
  /** As they are at the end of the recorded time. */
  readonly customers: readonly Customer[];
  /** How many there are in all, where these are a share. */
  readonly population?: number;
  readonly signals: readonly PastSignal[];
  readonly arms: Readonly<Record<string, Learned>>;
  readonly period: Period;
  /** Its `learning.features` tell who is like whom. */
  readonly policy: Policy;
}

/** What was recorded of customers, from their records: the deliveries that were sent to them, and what became of them. */
export function recordedOf({ customers, population = customers.length, signals, arms, period, policy }: Recordings): RecordedHistory {
  return {
    ...{ period, population, signals, arms },
    customers: customers.map((one) => pastCustomer(one, policy, period)),
    deliveries: customers.flatMap(pastDeliveries),
  };
}

// --- internal ---

function pastCustomer(customer: Customer, policy: Policy, { until }: Period): PastCustomer {
  const { customerId, origin } = customer;
  const like = likenessOf(customer, policy, until);
  return { customerId, since: origin.at, ...(like === "" ? {} : { like }) };
}

/** The features of the customer that the workspace names for learning, numbers by their bin; empty where it names none. */
function likenessOf(customer: Customer, policy: Policy, now: number): string {
  const paths = policy.learning.features.filter((path) => path.startsWith("customer."));
  if (paths.length === 0) return "";
  const { scope } = viewOf(customer, policy, { kind: "timer", customerId: customer.customerId, key: "", name: "", due: now }, now);
  return encodeFeatures(readFeatures(paths, { customer: scope.customer })).join(" ");
}

function pastDeliveries(customer: Customer): PastDelivery[] {
  const outcomes = groupedBy(customer.outcomes, ({ deliveryId }) => deliveryId);
  return customer.deliveries.flatMap((note) => {
    // What bounced was sent: that it may bounce is learned from it.
    if (!hasReached(note, customer) && note.status !== "bounced") return [];
    const { deliveryId, experienceId, channel, variant, learnsAs, at } = note;
    return [
      {
        ...{ deliveryId, customerId: customer.customerId, experienceId, channel, at },
        ...(variant === undefined ? {} : { variant }),
        ...(learnsAs === undefined ? {} : { learnsAs }),
        outcomes: (outcomes.get(deliveryId) ?? []).map(({ kind, at: time }) => ({ kind, at: time })).sort((a, b) => a.at - b.at),
      },
    ];
  });
}
