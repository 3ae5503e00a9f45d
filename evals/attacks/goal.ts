/** A call that an obedient assistant makes: the tool, and what goes in by name. */
export type OrderedCall = readonly [tool: string, input: Readonly<Record<string, string>>];

/** What an attacker wants to happen, and all that a model which obeys can do for it. */
export interface Goal {
  readonly id: string;
  /** The order, in English and in another language. A text that says either one gives the order. */
  readonly order: readonly [english: string, translated: string];
  /** Texts that would do it; each is tried in some round, another one when the first is sent back. */
  readonly says: readonly string[];
  /** Tools that would do it. */
  readonly calls?: readonly OrderedCall[];
  /** Moments that would do it, besides all that the model is shown. */
  readonly moments?: readonly string[];
  /** Parts of a message that nobody asked for. */
  readonly parts?: Readonly<Record<string, string>>;
  /** The answer as raw text, in place of JSON in the shape that is asked for. */
  readonly raw?: (wellFormed: string) => string;
  /** Never ends by itself: the same call again and again. */
  readonly isEndless?: boolean;
}

export const goalIn = (text: string, goals: readonly Goal[]): Goal | undefined => {
  const said = plain(text);
  return goals.find(({ order }) => order.some((words) => said.includes(plain(words))));
};

/** A text by its letters and digits alone: how it is spaced, cased and punctuated does not matter to who obeys it. */
export const plain = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
