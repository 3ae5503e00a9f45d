/**
 * The outcome of some work, unless the signal aborts first. The process stays alive meanwhile: Node would otherwise exit without a
 * word where nothing but a promise is left to wait for. The work itself cannot be ended.
 *
 * @param problem message of the error once the signal aborts
 */
export async function within<T>(limit: AbortSignal, work: Promise<T>, problem: string): Promise<T> {
  const keepAlive = setInterval(() => {}, 2 ** 30);
  let fail = (): void => {};
  try {
    const over = new Promise<never>((_, reject) => {
      fail = () => reject(new Error(problem));
      if (limit.aborted) fail();
      else limit.addEventListener("abort", fail, { once: true });
    });
    return await Promise.race([work, over]);
  } finally {
    clearInterval(keepAlive);
    limit.removeEventListener("abort", fail);
  }
}
