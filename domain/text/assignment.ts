import type { Brand } from "../entities/policy.ts";
import type { Json } from "../values/json.ts";

/** Form of a part of a text. */
export interface PartRule {
  readonly most: number;
  readonly isOneLine: boolean;
  /** Sent as a text message: characters that need the wide encoding only where the author uses some. */
  readonly isSms: boolean;
}

export interface Assignment {
  /** The author's text by part, with a marker like `[link 1]` where each link stands. */
  readonly author: Readonly<Record<string, string>>;
  readonly rules: Readonly<Record<string, PartRule>>;
  /** Values that the text may state: facts and outputs of the action, by name. */
  readonly facts: Readonly<Record<string, Json>>;
  /** Foreign text repeated by the author's text: may be repeated verbatim, and supports no claim of ours. */
  readonly quoted: readonly string[];
  /** Names allowed in any text of the brand. */
  readonly names: readonly string[];
  /** Names of other offers and products, not allowed in this text. */
  readonly otherNames: readonly string[];
  readonly brand: Brand;
  /** Tag of the one language of the text, where the author wrote it in several; otherwise any of the brand's. */
  readonly language?: string;
}
