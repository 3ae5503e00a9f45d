/** How many recorded wakes came out so under one policy and so under the other, as a result has them. */
export interface MatrixCell {
  readonly against: string;
  readonly with: string;
  readonly count: number;
  /** How many of these came out differently: on the diagonal those with another message, channel, variant or hour. */
  readonly different?: number | undefined;
}

/** A cell as it is shown: `shade` from 0 to 4 by its share of what differs, 0 on the diagonal. */
export interface ShownCell {
  readonly action: string;
  readonly count: number;
  readonly different: number;
  readonly shade: number;
}

export interface Matrix {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly action: string; readonly cells: readonly ShownCell[] }[];
}

/** What was done before by row, what is done after by column: only what occurs, in the order in which actions are told. */
export function layoutMatrix(cells: readonly MatrixCell[]): Matrix {
  const columns = inOrder(cells.map((cell) => cell.with));
  const most = Math.max(1, ...cells.filter((cell) => cell.against !== cell.with).map(({ count }) => count));
  const shown = (against: string, action: string): ShownCell => {
    const { count = 0, different = against === action ? 0 : count } =
      cells.find((cell) => cell.against === against && cell.with === action) ?? {};
    return { action, count, different, shade: against === action || count === 0 ? 0 : Math.max(1, Math.ceil((4 * count) / most)) };
  };
  const rows = inOrder(cells.map((cell) => cell.against)).map((action) => ({
    action,
    cells: columns.map((column) => shown(action, column)),
  }));
  return { columns, rows };
}

/** Actions in words, by what became of the wake. */
export const ACTIONS_IN_WORDS: Readonly<Record<string, string>> = {
  deliver: "sent",
  defer: "waits",
  await_approval: "needs approval",
  withhold: "withheld",
  silence: "silent",
  none: "nothing decided",
  task: "a task",
  nothing: "gets nothing",
};

export const actionWords = (action: string): string =>
  Object.hasOwn(ACTIONS_IN_WORDS, action) ? (ACTIONS_IN_WORDS[action] ?? action) : action;

// --- internal ---

const ORDER = Object.keys(ACTIONS_IN_WORDS);

const inOrder = (actions: readonly string[]): string[] => {
  const place = (action: string): number => (ORDER.includes(action) ? ORDER.indexOf(action) : ORDER.length);
  return [...new Set(actions)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
};
