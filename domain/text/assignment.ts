import type { Brand } from "../entities/policy.ts";
import type { Json } from "../values/json.ts";

/** What a part of a text may look like. */
export interface PartRule {
  readonly most: number;
  readonly isOneLine: boolean;
  /** Goes out as a text message: signs that need the wide encoding only where the author uses some. */
  readonly isSms: boolean;
}

export interface Assignment {
  /** The author's text by part, with a marker like `[link 1]` where each link stands. */
  readonly author: Readonly<Record<string, string>>;
  readonly rules: Readonly<Record<string, PartRule>>;
  /** What the text may state: facts and what an action gave back, by name. */
  readonly facts: Readonly<Record<string, Json>>;
  /** What others wrote and the author's text repeats: it may be repeated whole, and says nothing for us. */
  readonly quoted: readonly string[];
  /** Names that may stand in any text of ours. */
  readonly names: readonly string[];
  /** Names of what this text is not about. */
  readonly otherNames: readonly string[];
  readonly brand: Brand;
}
