import { randomUUID } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { wakeWorkers } from "../queue/jobs.ts";
import { policyOf } from "../testing/policy.ts";
import { describeOn, type Place, sharedEngines } from "../testing/service.ts";
import { createRuntime, type Runtime } from "./create-runtime.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

describeOn(sharedEngines, "queues on $name", (engine) => {
  const aPlace = async (): Promise<Place> => {
    const place = await engine.place();
    undo.push(place.remove);
    return place;
  };
  /** Adds jobs and processes none. */
  const watching = async ({ databaseUrl = "", redisUrl }: Place): Promise<Runtime> => {
    const runtime = await createRuntime({
      policy: policyOf("timezone: UTC\n", []),
      ...{ live: true, works: false, databaseUrl, newId: randomUUID, now: () => 0 },
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    undo.push(() => runtime.close());
    return runtime;
  };

  test("processes on one store have one queue, and two stores never share one, whatever Redis they use", async () => {
    const place = await aPlace();
    const [here, beside, elsewhere] = [await watching(place), await watching(place), await watching(await aPlace())];
    await here.deps.queue.add(wakeWorkers, {});
    const waiting = [here, beside, elsewhere].map(({ deps }) => deps.queue.backlog(wakeWorkers));
    expect(await Promise.all(waiting)).toEqual([1, 1, 0]);
    await here.deps.queue.clear(wakeWorkers);
  });
});
