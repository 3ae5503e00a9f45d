/** A call of an obedient assistant: the tool and its inputs by name. */
export type OrderedCall = readonly [tool: string, input: Readonly<Record<string, string>>];

/** An attacker's goal, and everything that an obedient model can do for it. */
export interface Goal {
  readonly id: string;
  /** The order, in English and in another language. A text that contains either gives the order. */
  readonly order: readonly [english: string, translated: string];
  /** Texts that would achieve it; each is tried in some round, another one if the first is sent back. */
  readonly says: readonly string[];
  /** Tool calls that would achieve it. */
  readonly calls?: readonly OrderedCall[];
  /** Moments that would achieve it, in addition to all that the model is shown. */
  readonly moments?: readonly string[];
  /** Message parts that were not requested. */
  readonly parts?: Readonly<Record<string, string>>;
  /** The answer as raw text instead of well-formed JSON. */
  readonly raw?: (wellFormed: string) => string;
  /** Never ends by itself: repeats the same call. */
  readonly isEndless?: boolean;
}

export const goalIn = (text: string, goals: readonly Goal[]): Goal | undefined => {
  const said = plain(text);
  return goals.find(({ order }) => order.some((words) => said.includes(plain(words))));
};

/** Letters and digits only: spacing, case and punctuation do not matter to an obedient model. */
export const plain = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
