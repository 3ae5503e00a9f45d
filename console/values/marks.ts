/**
 * The six marks. Each has a shape, a word and a colour, so that none rests on colour alone. Only `failed` is red: what was kept back on
 * purpose is no failure.
 */
export const MARKS = {
  sent: "sent",
  waits: "waits",
  held: "held back",
  silent: "silent",
  failed: "failed",
  task: "for people",
} as const;
export type MarkKind = keyof typeof MARKS;

/** Of a message that was not to leave the machine. */
export const RECORDED = "recorded, not sent";

/** A decision as lists know it. */
export interface Outcome {
  readonly action: string;
  readonly delivery?: string | undefined;
  readonly recorded?: boolean | undefined;
  readonly lapsed?: string | undefined;
}

/** The mark of a decision in a list, and its word where the mark's own does not say it. */
export function markOfLine({ action, delivery, recorded, lapsed }: Outcome): { readonly kind: MarkKind; readonly word?: string } {
  if (lapsed !== undefined) return { kind: "held", word: "lapsed" };
  if (action === "await_approval") return { kind: "task", word: "needs approval" };
  if (recorded) return { kind: "sent", word: RECORDED };
  if (action !== "deliver" || delivery === undefined || delivery === "sent") return { kind: markOfAction(action) };
  if (delivery === "on its way") return { kind: "waits", word: delivery };
  return delivery === "cancelled" ? { kind: "held", word: delivery } : { kind: "failed", word: delivery };
}

/** The mark of a decision by its action. */
export const markOfAction = (action: string): MarkKind =>
  (({ deliver: "sent", defer: "waits", await_approval: "task", withhold: "held", silence: "silent" }) as const)[action] ?? "silent";

/** A delivery as decisions know it. */
interface Delivery {
  readonly status: string;
  readonly recorded?: boolean | undefined;
}

/** A decision with its deliveries. */
export interface Sent {
  readonly action: string;
  readonly deliveries: readonly Delivery[];
}

/** The mark of a decision: of one to send, the worst that became of its messages. */
export function markOfDecision({ action, deliveries }: Sent): {
  readonly kind: MarkKind;
  readonly word?: string;
} {
  const marks = action === "deliver" ? deliveries.map(markOfDelivery) : [];
  const worst = (["failed", "waits", "sent", "held"] as const).map((kind) => marks.find((mark) => mark.kind === kind)).find(Boolean);
  return worst ?? { kind: markOfAction(action) };
}

/** The mark of a delivery by its status; of a run without `--live` it says that the message was only recorded. */
export function markOfDelivery({ status, recorded }: Delivery): { readonly kind: MarkKind; readonly word: string } {
  const kinds: Readonly<Record<string, MarkKind>> = {
    sent: "sent",
    delivered: "sent",
    reserved: "waits",
    sending: "waits",
    bounced: "failed",
    failed: "failed",
    uncertain: "failed",
    cancelled: "held",
  };
  const kind = kinds[status] ?? markOfAction("deliver");
  return { kind, word: recorded && kind === "sent" ? RECORDED : status };
}
