import type { Instant } from "../values/time.ts";
/**
 * Features of a decision for the learner: one key for each value of each feature. A key is a hash: short whatever the value, safe as a
 * JavaScript property name, and free of personal data.
 */
export type Features = readonly string[];

/** What one delivery teaches about its experience on its channel, and its variant. Recorded once, when the outcome is final. */
export interface Lesson {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly features: Features;
  /** 1 for a success, 0 otherwise. */
  readonly reward: 0 | 1;
  readonly at: Instant;
}

/** What one delivery teaches about the hours at which everyone takes up its channel. Recorded at the first taking, or when it is ignored. */
export interface HourLesson {
  readonly deliveryId: string;
  readonly channel: string;
  readonly sentAt: Instant;
  /** When it was taken up, or the end of the wait for that. */
  readonly until: Instant;
  readonly taken: boolean;
  /** The zone of the customer's day. */
  readonly zone: string;
}
