import type { Decision } from "../entities/decision.ts";
import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/** The rungs of the ladder, in the order in which a message passes them, and what each asks. */
export const RUNGS = {
  catalogue: "In the catalogue and approved?",
  paused: "Free of pauses?",
  moment: "Did a moment that it serves open?",
  funnel: "Did it pass every stage and win?",
  handed_over: "Was it handed over?",
  arrived: "Did it arrive?",
  afterwards: "What came of it?",
} as const;
export type RungId = keyof typeof RUNGS;

/** `no` stops the ladder; `waits` stops it for now; `unknown`: nothing tells; `not_reached`: an earlier rung stopped it. */
export const RUNG_STATES = ["yes", "no", "waits", "unknown", "not_reached"] as const;
export type RungState = (typeof RUNG_STATES)[number];

/** One rung: its answer in a sentence, and what that rests on. */
export interface Rung {
  readonly id: RungId;
  readonly question: string;
  readonly state: RungState;
  readonly says: string;
  readonly details: readonly string[];
}

/** The one to ask about an answer. */
export interface Ask {
  readonly department?: string;
  /** The queue in which that department's people work. */
  readonly queue?: string;
  /** An operator by name. */
  readonly person?: string;
  /** The subject to ask about. */
  readonly about: string;
}

/** The outcome of one rung. */
export interface Climbed {
  readonly state: Exclude<RungState, "not_reached">;
  readonly says: string;
  readonly details?: readonly string[];
  readonly change?: string;
  readonly ask?: Ask;
  /** The experience that won instead. */
  readonly rival?: Rival;
  /** The stage of the funnel, or the code, that held it. */
  readonly heldBy?: { readonly stage: string; readonly code: string };
}

export interface Rival {
  readonly experienceId: string;
  readonly department?: string;
  readonly decisionId: string;
  /** Missing where the decision compared no priorities, as of an experience that was held earlier. */
  readonly priority?: number;
  readonly own?: number;
}

/** The fate of one delivery of the experience. */
export interface Fate {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly locale?: string;
  readonly status: string;
  readonly reason?: string;
  readonly recorded: boolean;
  readonly reservedAt: Instant;
  readonly settledAt?: Instant;
  readonly outcomes: readonly { readonly kind: string; readonly at: Instant }[];
}

/** A signal that may have opened a moment. */
export interface CameSignal {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly time: Instant;
  readonly data: JsonObject;
}

/** A decision in which the experience was a candidate. */
export interface LookedAt {
  readonly decision: Decision;
  readonly candidate: Decision["candidates"][number];
}
