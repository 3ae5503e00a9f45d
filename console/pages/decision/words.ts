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
