import { MASK } from "./visible.ts";

/** The wake of a customer in words: `message.received from mailbox`, `timer review`, `ask of web for hero`. */
export function wakeWords(wake: unknown): string {
  if (wake === MASK) return MASK;
  if (typeof wake !== "object" || wake === null) return "an unknown wake";
  const { kind, type, source, name, channel, place } = wake as Readonly<Record<string, unknown>>;
  if (kind === "timer") return `timer ${String(name)}`;
  if (kind === "ask") return `ask of ${String(channel)} for ${String(place)}`;
  return `${String(type)} from ${String(source)}`;
}
