import type { CanaryView } from "../../../operations/canaries/views.ts";
import { counted, share } from "../../values/numbers.ts";

type Guard = CanaryView["guards"][number];

/** The list in a sentence. */
export function canariesAnswer(canaries: readonly Pick<CanaryView, "state">[]): string {
  const stopped = canaries.filter(({ state }) => state === "stopped").length;
  const running = canaries.length - stopped;
  if (canaries.length === 0) return "No experience is tried on a share of customers.";
  const first =
    running === 0 ? "No experience is tried now" : `${counted(running, "experience is", "experiences are")} tried on a share of customers`;
  return stopped === 0 ? `${first}; none was stopped.` : `${first}; ${counted(stopped, "was stopped", "were stopped")}.`;
}

/** The guard that is nearest to a stop. */
export const nearest = (guards: readonly Guard[]): Guard | undefined => guards.toSorted((a, b) => b.towards - a.towards)[0];

/** How much of the evidence for a stop there is: `34 % of the evidence for a stop`. */
export const evidenceWords = ({ towards, broken }: Pick<Guard, "towards" | "broken">): string =>
  broken ? "broken: enough evidence for a stop" : `${share(towards)} of the evidence for a stop`;

/** What becomes of it once its time is over. */
export const endingWords = ({ ending, least }: Pick<CanaryView, "ending" | "least">): string =>
  ending === "stay"
    ? "then it stays on this share until somebody decides"
    : `then it is approved by itself, if it had ${counted(least, "delivery", "deliveries")} at least and no guard is broken`;

/** `twice the bound`, `5 times the bound`. */
export const timesWords = (times: number): string => (times === 2 ? "Twice the bound" : `${times} times the bound`);
