/** The written rules that a ledger is checked against. Windows in milliseconds. */
export interface Rules {
  readonly caps: readonly {
    readonly id: string;
    readonly max: number;
    readonly window: number;
    readonly channel?: string;
    readonly department?: string;
  }[];
  readonly limits: readonly { readonly id: string; readonly perCustomer?: number; readonly total?: number }[];
}

/** What actually happened. */
export interface Ledger {
  readonly deliveries: readonly Delivered[];
  /** Visits and calls: they count as touches, but no rule prevents them. */
  readonly contacts: readonly { readonly customerId: string; readonly at: number; readonly seq: number }[];
  readonly revocations: readonly { readonly customerId: string; readonly channel: string; readonly at: number }[];
  /** Deliveries that the providers received, once per request. */
  readonly handedOver: readonly string[];
  /** Number of wakes with more than one decision. */
  readonly decidedTwice: number;
  /** Rows whose customer or decision is missing, as text. */
  readonly orphans: readonly string[];
}

export interface Delivered {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly department: string | null;
  readonly channel: string;
  readonly status: string;
  readonly reservedAt: number;
  readonly claimedAt: number | null;
  /** Sequence number of the signal that woke its decision; null for a timer. */
  readonly wakeSeq: number | null;
}

/**
 * Returns every violation in a ledger as text. Deliberately naive, and independent of the code under test: for each delivery it recounts
 * the customer's touches up to then.
 */
export function violationsOf(ledger: Ledger, { caps, limits }: Rules): string[] {
  const counted = ledger.deliveries.filter(({ status }) => ["reserved", "sending", "sent", "delivered", "uncertain"].includes(status));
  return [
    ...counted.flatMap((one) => caps.flatMap((cap) => overCap(one, cap, counted, ledger))),
    ...limits.flatMap((limit) => overLimit(limit, counted)),
    ...afterRevocation(ledger),
    ...twice(ledger),
    ...(ledger.decidedTwice > 0 ? [`${ledger.decidedTwice} wakes were decided twice`] : []),
    ...ledger.orphans,
  ];
}

// --- internal ---

function overCap(
  one: Delivered,
  { id, max, window, channel, department }: Rules["caps"][number],
  counted: readonly Delivered[],
  { contacts }: Ledger,
): string[] {
  if ((channel !== undefined && one.channel !== channel) || (department !== undefined && one.department !== department)) return [];
  const isWithin = (at: number) => at <= one.reservedAt && one.reservedAt - at < window;
  const ours = counted.filter(
    (other) =>
      other.customerId === one.customerId &&
      isWithin(other.reservedAt) &&
      (channel === undefined || other.channel === channel) &&
      (department === undefined || other.department === department),
  ).length;
  // Signals that arrived after the one behind the decision were not known yet.
  const theirs =
    channel === undefined && department === undefined
      ? contacts.filter(({ customerId, at, seq }) => customerId === one.customerId && isWithin(at) && seq < (one.wakeSeq ?? 0)).length
      : 0;
  return ours + theirs > max ? [`${one.deliveryId} of ${one.customerId} is number ${ours + theirs} under ${id}, which allows ${max}`] : [];
}

function overLimit({ id, perCustomer, total }: Rules["limits"][number], counted: readonly Delivered[]): string[] {
  const own = counted.filter(({ experienceId }) => experienceId === id);
  const byCustomer = new Map<string, number>();
  for (const { customerId } of own) byCustomer.set(customerId, (byCustomer.get(customerId) ?? 0) + 1);
  return [
    ...(total !== undefined && own.length > total ? [`${id} went out ${own.length} times in total, its limit is ${total}`] : []),
    ...[...byCustomer].flatMap(([customerId, times]) =>
      perCustomer !== undefined && times > perCustomer ? [`${id} went to ${customerId} ${times} times, its limit is ${perCustomer}`] : [],
    ),
  ];
}

const afterRevocation = ({ deliveries, revocations }: Ledger): string[] =>
  deliveries.flatMap(({ deliveryId, customerId, channel, claimedAt }) => {
    const revoked = revocations.filter((one) => one.customerId === customerId && one.channel === channel).map(({ at }) => at);
    const first = Math.min(...revoked);
    return claimedAt !== null && claimedAt > first
      ? [`${deliveryId} began ${claimedAt - first} ms after ${channel} was revoked by ${customerId}`]
      : [];
  });

function twice({ handedOver, deliveries }: Ledger): string[] {
  const times = new Map<string, number>();
  for (const id of handedOver) times.set(id, (times.get(id) ?? 0) + 1);
  return [
    ...[...times].flatMap(([id, n]) => (n > 1 ? [`${id} was handed over ${n} times`] : [])),
    ...deliveries.flatMap(({ deliveryId, status }) =>
      status === "sent" && !times.has(deliveryId) ? [`${deliveryId} counts as sent, and nobody got it`] : [],
    ),
  ];
}
