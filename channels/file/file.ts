import { appendFile, chmod, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { iso } from "../../domain/values/time.ts";
import { defineChannel } from "../channel.ts";
import { human } from "../human/human.ts";
import { line, someText } from "../options.ts";

/** Writes each message as a line of JSON under the data folder; for local trials. */
export const file = defineChannel({
  kind: "file",
  options: z.object({ path: someText.optional() }),
  // For local trials: takes content of any shape.
  content: z.strictObject({
    subject: line.optional(),
    body: line.optional(),
    text: line.optional(),
    title: line.optional(),
    url: line.optional(),
    payload: z.unknown().optional(),
    ...human.content.shape,
    summary: line.optional(),
  }),
  text: {
    subject: { form: "line", most: 100 },
    title: { form: "line", most: 60 },
    body: { form: "html", most: 4_000, answer: 3_000 },
    text: { most: 2_000, answer: 3_000 },
    summary: { most: 300 },
    url: { form: "line" },
    payload: { form: "data" },
  },
  consent: "free",

  async connect({ path = "outbox.jsonl" }, { dataDir }) {
    const target = join(dataDir, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await keepForOwner(target);
    return {
      async send({ deliveryId, customerId, channel, to, content, at }) {
        const line = JSON.stringify({ deliveryId, at: iso(at), customerId, channel, ...(to === undefined ? {} : { to }), content });
        await appendFile(target, `${line}\n`, { mode: 0o600 });
        return { providerId: deliveryId };
      },
    };
  },
});

// --- internal ---

/** Messages are private to the user of this process, also in a file that an earlier version created. */
async function keepForOwner(target: string): Promise<void> {
  const stats = await stat(target).catch(() => undefined);
  // Only the owner of a file can change its permissions.
  if (stats?.isFile() && (stats.mode & 0o077) !== 0) await chmod(target, 0o600).catch(() => {});
}
