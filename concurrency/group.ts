/**
 * Joins single calls into groups: calls that arrive while a group runs share the next one. The first call of an idle group waits one
 * turn of the event loop, so that requests which have already arrived join it.
 *
 * @param run the work for a group; answers in its order. A failure rejects every call of the group
 */
export function createGroup<Item, Answer>(run: (items: readonly Item[]) => Promise<readonly Answer[]>): (item: Item) => Promise<Answer> {
  let waiting: Call<Item, Answer>[] = [];
  let isRunning = false;
  const runAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
      await answer(group);
    }
    isRunning = false;
  };
  const answer = async (group: readonly Call<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await run(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      void runAll();
    });
}

// --- internal ---

interface Call<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}
