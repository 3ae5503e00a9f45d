/** The wake of a customer in words: `message.received from mailbox`, `timer review`. */
export function wakeWords(wake: unknown): string {
  if (typeof wake !== "object" || wake === null) return "an unknown wake";
  const { kind, type, source, name } = wake as Readonly<Record<string, unknown>>;
  if (kind === "timer") return `timer ${String(name)}`;
  return `${String(type)} from ${String(source)}`;
}
