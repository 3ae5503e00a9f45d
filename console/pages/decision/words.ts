import type { Decision } from "../../../domain/entities/decision.ts";
import type { MarkKind } from "../../values/marks.ts";
import { markOfAction } from "../../values/marks.ts";
import { plain } from "../../values/visible.ts";

/** The title of a decision's page. */
export function titleOf({ action, experienceId, customerId }: Pick<Decision, "action" | "experienceId" | "customerId">): string {
  const [what, whom] = [plain(experienceId ?? ""), plain(customerId)];
  return {
    deliver: `${what} to ${whom}`,
    defer: `${what} for ${whom} waits`,
    await_approval: `${what} for ${whom} needs approval`,
    withhold: `${what} withheld from ${whom}`,
    silence: `Silence for ${whom}`,
  }[action];
}

/** The wake of the customer: `signal vehicle.returned from crm`, `timer clock.daily`. */
export function occasionOf(wake: Decision["wake"] | undefined): string {
  if (wake === undefined) return "";
  if (wake.kind === "ask") return plain(`ask of ${wake.channel} for ${wake.place}`);
  return plain(wake.kind === "signal" ? `signal ${wake.type} from ${wake.source}` : `timer ${wake.name}`);
}

/** The mark of a decision: of one to send, the worst that became of its messages. */
export function markOfDecision({ action, deliveries }: Pick<Decision, "action" | "deliveries">): {
  readonly kind: MarkKind;
  readonly word?: string;
} {
  const marks = action === "deliver" ? deliveries.map(({ status }) => markOfDelivery(status)) : [];
  const worst = (["failed", "waits", "sent", "held"] as const).map((kind) => marks.find((mark) => mark.kind === kind)).find(Boolean);
  return worst ?? { kind: markOfAction(action) };
}

/** The mark of a delivery by its status. */
export function markOfDelivery(status: string): { readonly kind: MarkKind; readonly word: string } {
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
  return { kind: kinds[status] ?? markOfAction("deliver"), word: status };
}
