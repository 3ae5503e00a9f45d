import type { Instant } from "../values/time.ts";
/**
 * What a decision was made on, as the learner sees it: one key for each value of each feature. A key is a hash, so it is
 * short whatever the value was, is no name with a meaning to JavaScript, and tells nothing about a person.
 */
export type Features = readonly string[];

/** What one delivery teaches about its experience on its channel: once, when it is known how it ended. */
export interface Lesson {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly features: Features;
  /** 1 for a success, 0 for none. */
  readonly reward: 0 | 1;
  readonly at: Instant;
}
