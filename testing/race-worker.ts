// A worker process of a race: its parent sends the task; it works until asked to stop.

import { openService } from "../runtime/service.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "./policy.ts";
import type { WorkerTask } from "./races.ts";

process.once("message", async (task: WorkerTask) => {
  const { settings, experiences, ...place } = task;
  const service = await openService({ policy: policyOf(settings, experiences), log: silentLog, now: Date.now, concurrency: 2, ...place });
  process.once("SIGTERM", () => void service.close().then(() => process.exit(0)));
  process.send?.("ready");
});
