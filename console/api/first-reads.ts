/** Makes the first reads of a page wait until changes are watched, so that none falls between a read and the watch. */
export interface FirstReads {
  /** Resolves at once after `open`; a stream that cannot be opened delays a page by at most `LONGEST_MS`. */
  wait(): Promise<void>;
  /** Lets reads go, and gives whether they went already: what they gave may be older than the watch. */
  open(): boolean;
  isOpen(): boolean;
}

/** Time for the session, the stream and its first event; longer would be seen. */
export const LONGEST_MS = 500;

export function createFirstReads(after: (ms: number, run: () => void) => void): FirstReads {
  let isOpen = false;
  let release = (): void => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isWaiting = false;
  const open = (): boolean => {
    const was = isOpen;
    isOpen = true;
    release();
    return was;
  };
  return {
    open,
    isOpen: () => isOpen,
    wait() {
      if (!isOpen && !isWaiting) {
        isWaiting = true;
        after(LONGEST_MS, open);
      }
      return opened;
    },
  };
}

/** Those of this page. */
export const firstReads = createFirstReads((ms, run) => void setTimeout(run, ms));
