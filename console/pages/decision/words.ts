import type { Decision } from "../../../domain/entities/decision.ts";
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

/** What an ask, variants and stages add to the facts of a decision: a name and a text each. */
export function waysOf({ wake, again, variant, stage }: Ways): (readonly [name: string, text: string])[] {
  return [
    ...(wake?.kind === "ask" ? [["Place", `${plain(wake.place)} of ${plain(wake.channel)}`] as const] : []),
    ...(again ? [["Again", "the place keeps what it was given before"] as const] : []),
    ...(variant === undefined ? [] : [["Variant", variant] as const]),
    ...(stage === undefined ? [] : [["Stage of the customer", stage] as const]),
  ];
}

// --- internal ---

type Ways = { readonly [Key in "wake" | "again" | "variant" | "stage"]?: Decision[Key] | undefined };
