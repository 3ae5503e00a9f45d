/** A resource that must be closed. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * Closes opened resources in reverse order, once, also after a half-failed start.
 * Node 20 has `Symbol.asyncDispose` but no `AsyncDisposableStack`.
 */
export function createRelease(): { keep<T extends Closable>(one: T): T; release(): Promise<void> } {
  const opened: Closable[] = [];
  let released: Promise<void> | undefined;
  return {
    keep(one) {
      opened.push(one);
      return one;
    },
    release() {
      released ??= (async () => {
        const errors: unknown[] = [];
        for (const one of opened.reverse()) await one.close().catch((error: unknown) => errors.push(error));
        if (errors.length > 0) throw new AggregateError(errors, `not everything could be closed: ${errors.map(String).join("; ")}`);
      })();
      return released;
    },
  };
}
