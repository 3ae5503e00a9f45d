import type { CanaryState } from "../../domain/canary/cohort.ts";
import type { KeptCanary } from "../../store/store.ts";
import type { WatchedCanaries } from "../canaries/canary-watch.ts";
import type { PlayedDeliveries } from "./played-deliveries.ts";

/** What becomes of canaries in a play, as `store/canaries.ts` keeps it; tasks and audit entries about them are not kept. */
export class PlayedCanaries implements WatchedCanaries {
  private readonly lives = new Map<string, KeptCanary>();
  private readonly deliveries: PlayedDeliveries;

  constructor(deliveries: PlayedDeliveries) {
    this.deliveries = deliveries;
  }

  /** Lives from before the play. */
  take(lives: readonly KeptCanary[]): void {
    for (const one of lives) this.lives.set(one.life, one);
  }

  all(): KeptCanary[] {
    return [...this.lives.values()].sort((a, b) => a.startedAt - b.startedAt || (a.life < b.life ? -1 : 1));
  }

  list = async (): Promise<KeptCanary[]> => this.all();

  tally: WatchedCanaries["tally"] = async (question) => this.deliveries.tally(question);

  begin: WatchedCanaries["begin"] = async (begun, at) => {
    for (const { life, experienceId } of begun) if (!this.lives.has(life)) this.lives.set(life, { life, experienceId, startedAt: at });
  };

  stop: WatchedCanaries["stop"] = async ({ life, at, by, why, readings }) => {
    const one = this.lives.get(life);
    if (!one || !isPast(one.stopped, one.approved)) return false;
    this.lives.set(life, { ...one, stopped: { at, by, why, readings } });
    return true;
  };

  approve: WatchedCanaries["approve"] = async ({ life, at, by }) => {
    const one = this.lives.get(life);
    if (!one || !(isPast(one.approved, one.stopped) || (one.approved?.at ?? at) < at)) return false;
    this.lives.set(life, { ...one, approved: { at, by } });
    return true;
  };
}

// --- internal ---

/** Whether something never happened, or the other happened since. */
const isPast = (one: CanaryState["approved"], other: CanaryState["approved"]): boolean =>
  one === undefined || (other !== undefined && one.at <= other.at);
