import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { iso } from "../domain/time.ts";
import { defineChannel } from "./channel.ts";

/** Writes each message as a line of JSON under the data folder; for trying things out. */
export const file = defineChannel({
  kind: "file",
  options: z.looseObject({ path: z.string().optional() }),

  async connect({ path = "outbox.jsonl" }, { dataDir }) {
    const target = join(dataDir, path);
    await mkdir(dirname(target), { recursive: true });
    return {
      async send({ deliveryId, customerId, channel, to, content, at }) {
        const line = JSON.stringify({ deliveryId, at: iso(at), customerId, channel, ...(to === undefined ? {} : { to }), content });
        await appendFile(target, `${line}\n`);
        return { providerId: deliveryId };
      },
    };
  },
});
