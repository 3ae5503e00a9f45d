import type { ConsoleUnderTest } from "./open-console.ts";

/** Continues the recorded story, so that there is work for people: a message that wants an answer, a proposal that wants a yes. */
export async function liven({ signal, settled }: Pick<ConsoleUnderTest, "signal" | "settled">): Promise<void> {
  await signal("message.received", "c-dana", { channel: "email", text: "Where do I send the second key? I still have it." });
  await signal("fleet.reviewed", "c-omar", { vans: 6 });
  await settled();
}
