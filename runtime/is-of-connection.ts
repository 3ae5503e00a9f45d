/** Whether the store or the queue went away: nothing is wrong with what was asked of it. PostgreSQL's classes 08 and 57, and the sockets'. */
export function isOfConnection(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    /^(08|57P|ECONN|EPIPE|ETIMEDOUT|QUEUE_FAILED|STORE_FAILED)/.test(String(code ?? "")) ||
    /connection (terminated|closed)/i.test(String(message))
  );
}
