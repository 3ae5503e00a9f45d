import type { Canaries } from "../../domain/canary/cohort.ts";
import { isDifferent } from "../../domain/deciding/compare-decisions.ts";
import type { Outcome } from "../../domain/deciding/verdict.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { decisionIdOf, type Wake } from "../../domain/entities/wake.ts";
import { iso } from "../../domain/values/time.ts";
import type { DueWake } from "../../engine/due-wake.ts";
import { createPlayer, type Player } from "../../engine/playing/play-wake.ts";
import type { Population } from "../../engine/playing/population.ts";
import type { Probabilities } from "../../off-policy/log.ts";
import { actionName } from "../../off-policy/rows.ts";
import { inputsOf } from "../load-tools.ts";
import type { Side } from "./source.ts";

/** What another policy would have done where a decision was logged. */
export interface OtherChoice {
  /** By name of the action, all hours of it together. */
  readonly probabilities: Probabilities;
  /** Of exactly what was logged, its hour included. */
  readonly ofLogged: number;
}

/**
 * Watches the recorded stream being played under the policy that has decided it, and asks at each logged wake what another policy would
 * have done there, with the customer as she was. Nothing of the answer is written. What is played must come to what was logged: from the first
 * decision on that parts, a customer is not as she was, and is left aside.
 */
export class LogWatch {
  readonly version: string;
  private readonly other: Pick<Side, "policy" | "tools">;
  private readonly logged: ReadonlyMap<string, Decision>;
  private readonly parted = new Set<string>();
  private readonly choices = new Map<string, OtherChoice>();
  private readonly played = new Set<string>();
  private player: Player | undefined;

  /**
   * @param version of the policy whose decisions are asked about
   * @param decisions all that were made on the stream, under whatever version
   */
  constructor(version: string, decisions: readonly Decision[], other: Pick<Side, "policy" | "tools">) {
    this.version = version;
    this.other = other;
    this.logged = new Map(decisions.map((decision) => [decision.decisionId, decision]));
  }

  /** What the other policy counts, so that it is kept for it. */
  get counted(): Policy["counted"] {
    return this.other.policy.counted;
  }

  begin(population: Population): void {
    const { policy, tools } = this.other;
    this.player = createPlayer({ population, under: policy, tools: inputsOf(tools) });
  }

  /** Called right before a wake is decided. */
  async beforeWake(due: DueWake, canaries: Canaries | undefined): Promise<void> {
    const id = decisionIdOf(firstPlaceOf(due.wake));
    const logged = this.logged.get(id);
    if (!logged || logged.policyVersion !== this.version || logged.again || this.parted.has(logged.customerId)) return;
    const outcomes = await this.player?.consider(due, canaries, (way) => isSameWay(way, logged));
    if (outcomes) this.choices.set(id, choiceOf(outcomes, logged));
  }

  /** Called for each decision of the play. */
  note(decision: Decision): void {
    this.played.add(decision.decisionId);
    if (!isDifferent(this.logged.get(decision.decisionId), decision)) return;
    this.choices.delete(decision.decisionId);
    this.parted.add(decision.customerId);
  }

  /** What the other policy would have done at a logged decision; undefined where it is not known. */
  choiceAt(decisionId: string): OtherChoice | undefined {
    return this.played.has(decisionId) ? this.choices.get(decisionId) : undefined;
  }
}

// --- internal ---

/** The place of an ask that was decided first: what the others are given depends on it. */
function firstPlaceOf(wake: Wake): Wake {
  const place = wake.kind === "ask" ? wake.ask.places[0] : undefined;
  return wake.kind === "ask" && place !== undefined ? { ...wake, place } : wake;
}

type Way = Pick<Decision, "experienceId" | "channel" | "variant">;

const isSameWay = (one: Way, other: Way): boolean =>
  one.experienceId === other.experienceId && one.channel === other.channel && one.variant === other.variant;

function choiceOf(outcomes: readonly Outcome[], logged: Decision): OtherChoice {
  const probabilities = new Map<string, number>();
  let ofLogged = 0;
  for (const outcome of outcomes) {
    const name = actionName(outcome);
    probabilities.set(name, (probabilities.get(name) ?? 0) + outcome.probability);
    if (isLogged(outcome, logged)) ofLogged += outcome.probability;
  }
  return { probabilities: summingToOne(probabilities), ofLogged: Math.min(1, ofLogged) };
}

/** An hour counts where one was chosen: an end of quiet hours is not. */
function isLogged({ action, until, ...way }: Outcome, logged: Decision): boolean {
  if (action !== logged.action || !isSameWay(way, logged)) return false;
  const isChosenHour = logged.reasons.some(({ code }) => code === "better_time");
  return !isChosenHour || (until !== undefined && iso(until) === logged.until);
}

/** Each probability is within 1e-4 of what it is, so that their sum is not quite one. */
function summingToOne(probabilities: Probabilities): Probabilities {
  const sum = [...probabilities.values()].reduce((all, one) => all + one, 0);
  return sum === 0 ? probabilities : new Map([...probabilities].map(([name, probability]) => [name, probability / sum]));
}
