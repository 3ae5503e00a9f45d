// A worker process of a race: its parent sends the task; it works, and answers asks, until asked to stop.

import { SentientError } from "../../domain/errors.ts";
import { openService } from "../../runtime/service.ts";
import { silentLog } from "../../telemetry/log.ts";
import { policyOf } from "../policy.ts";
import { type AskMessage, type AskReply, RACING, type WorkerTask } from "./workers.ts";

process.once("message", async (task: WorkerTask) => {
  const { settings, experiences, ...place } = task;
  const service = await openService({ policy: policyOf(settings, experiences), log: silentLog, now: Date.now, concurrency: 2, ...place });
  process.once("SIGTERM", () => void service.close().then(() => process.exit(0)));
  process.on("message", async ({ n, body }: AskMessage) => {
    const reply = await service.asking.next(body, RACING).then(
      (answer): AskReply => ({ n, answer }),
      (error: unknown): AskReply => ({ n, refused: error instanceof SentientError ? `${error.code} ${error.message}` : String(error) }),
    );
    process.send?.(reply);
  });
  process.send?.("ready");
});
