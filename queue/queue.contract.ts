import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineJob, type Hint } from "./jobs.ts";
import type { Queue } from "./queue.ts";

export interface QueueUnderTest {
  /** Opens the queue once more, as another process would; `alone` if it is the only one. */
  open(options: { readonly alone: boolean }): Promise<Queue>;
  /** Drops all connections of the queue, as a network failure would, and returns how many; undefined without connections. */
  cut?(): Promise<number>;
}

let made = 0;

/** Each test has its own kind of job, so tests do not affect each other. */
const aJob = (more: { attempts?: number; concurrency?: number } = {}) =>
  defineJob({
    name: `test-${process.pid}-${made++}`,
    payload: z.object({ n: z.number() }),
    result: z.object({ twice: z.number(), filler: z.string().optional() }),
    attempts: 3,
    concurrency: 4,
    ...more,
  });

/** A hint of its own for each test. */
export const aHint = (): Hint =>
  defineJob({
    name: `test-hint-${process.pid}-${made++}`,
    ...{ payload: z.strictObject({}), result: z.strictObject({}), attempts: 1, concurrency: 1 },
  });

const twice = async ({ n }: { n: number }) => ({ twice: 2 * n });
const SOON = { timeoutMs: 20_000 };
const range = (length: number): number[] => Array.from({ length }, (_, n) => n);

/** The contract of every queue backend. */
export function queueContract({ open, cut }: QueueUnderTest): void {
  const opened: Queue[] = [];
  const queue = async (alone: boolean): Promise<Queue> => {
    const one = await open({ alone });
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  test("each caller gets the result of its own job, under concurrency", async () => {
    const job = aJob();
    const one = await queue(true);
    await one.work(job, twice);
    const answers = await Promise.all(range(40).map((n) => one.ask(job, { n }, SOON)));
    expect(answers.map((answer) => answer.twice)).toEqual(range(40).map((n) => 2 * n));
    // The completion of a job is written after its answer.
    await expect.poll(() => one.backlog(job), { timeout: 15_000 }).toBe(0);
  });

  test("jobs added before a worker starts are run when one does", async () => {
    const job = aJob();
    const one = await queue(true);
    await one.add(job, { n: 1 });
    await one.add(job, { n: 2 });
    expect(await one.backlog(job)).toBe(2);
    const done: number[] = [];
    await one.work(job, async ({ n }) => {
      done.push(n);
      return { twice: n };
    });
    await expect.poll(() => done, { timeout: 15_000 }).toEqual([1, 2]);
  });

  test("a failed attempt is retried, and the caller gets the result", async () => {
    const job = aJob();
    const one = await queue(true);
    let tries = 0;
    await one.work(job, async ({ n }) => {
      if (++tries < 3) throw new Error("not yet");
      return { twice: 2 * n };
    });
    expect(await one.ask(job, { n: 4 }, SOON)).toEqual({ twice: 8 });
    expect(tries).toBe(3);
  });

  test("a start of a job knows whether another one came before it", async () => {
    const job = aJob();
    const one = await queue(true);
    const starts: boolean[] = [];
    await one.work(job, async ({ n }, { isFirst }) => {
      if (starts.push(isFirst) === 1) throw new Error("not yet");
      return { twice: 2 * n };
    });
    await one.ask(job, { n: 4 }, SOON);
    expect(starts).toEqual([true, false]);
  });

  test("a handler that always fails rejects the caller's promise after all attempts", async () => {
    const job = aJob({ attempts: 2 });
    const one = await queue(true);
    let tries = 0;
    await one.work(job, async () => {
      tries++;
      throw new Error("the provider is on fire");
    });
    await expect(one.ask(job, { n: 4 }, SOON)).rejects.toMatchObject({
      code: "QUEUE_FAILED",
      message: expect.stringContaining("the provider is on fire"),
    });
    expect(tries).toBe(2);
  });

  test("a caller without an answer within the timeout gets an error", async () => {
    const job = aJob();
    const one = await queue(true);
    await expect(one.ask(job, { n: 1 }, { timeoutMs: 300 })).rejects.toMatchObject({
      code: "QUEUE_FAILED",
      message: expect.stringContaining("no worker finished it within 300 ms"),
    });
  });

  test("an invalid payload or result is rejected", async () => {
    const job = aJob({ attempts: 1 });
    const one = await queue(true);
    await expect(one.add(job, { n: "1" } as never)).rejects.toThrow(/expected number/);
    await expect(one.ask(job, {} as never, SOON)).rejects.toThrow(/expected number/);
    await one.work(job, async () => ({ thrice: 1 }) as never);
    await expect(one.ask(job, { n: 1 }, SOON)).rejects.toThrow(/expected number/);
  });

  test("a process runs no more jobs concurrently than the kind allows", async () => {
    const job = aJob({ concurrency: 3 });
    const one = await queue(true);
    let now = 0;
    let most = 0;
    await one.work(job, async ({ n }) => {
      most = Math.max(most, ++now);
      await sleep(20);
      now--;
      return { twice: n };
    });
    await Promise.all(range(15).map((n) => one.ask(job, { n }, SOON)));
    expect(most).toBe(3);
  });

  test("a job that runs in another process returns its result, also a large one", async () => {
    const job = aJob();
    const asking = await queue(false);
    const working = await queue(false);
    const filler = "ü".repeat(60_000);
    await working.work(job, async ({ n }) => ({ twice: 2 * n, filler }));
    const answers = await Promise.all(range(10).map((n) => asking.ask(job, { n }, SOON)));
    expect(answers.map((answer) => answer.twice)).toEqual(range(10).map((n) => 2 * n));
    expect(answers.every((answer) => answer.filler === filler)).toBe(true);
  });

  test("several workers share the jobs, and each job runs once", async () => {
    const job = aJob({ concurrency: 2 });
    const asking = await queue(false);
    const workers = await Promise.all(range(3).map(() => queue(false)));
    const done: { worker: number; n: number }[] = [];
    for (const [worker, one] of workers.entries()) {
      await one.work(job, async ({ n }) => {
        done.push({ worker, n });
        await sleep(10);
        return { twice: n };
      });
    }
    await Promise.all(range(60).map((n) => asking.ask(job, { n }, SOON)));
    expect(done.map(({ n }) => n).sort((a, b) => a - b)).toEqual(range(60));
    expect(new Set(done.map(({ worker }) => worker)).size).toBe(3);
  });

  test("a failure in another process's handler reaches the caller", async () => {
    const job = aJob({ attempts: 2 });
    const asking = await queue(false);
    const working = await queue(false);
    await working.work(job, async () => {
      throw new Error("the provider is on fire");
    });
    await expect(asking.ask(job, { n: 1 }, SOON)).rejects.toThrow("the provider is on fire");
  });

  test("closing lets active jobs finish, and leaves pending ones to the next worker", async () => {
    const job = aJob({ concurrency: 2 });
    const leaving = await queue(true);
    const done: number[] = [];
    const begun: number[] = [];
    await leaving.work(job, async ({ n }) => {
      begun.push(n);
      await sleep(300);
      done.push(n);
      return { twice: n };
    });
    const answers = range(6).map((n) => leaving.ask(job, { n }, SOON).catch((error: Error) => error.message));
    await expect.poll(() => begun.length, { timeout: 15_000 }).toBe(2);
    await leaving.close();
    expect(done.length).toBe(begun.length);
    const given = await Promise.all(answers);
    expect(given.filter((answer) => typeof answer !== "string")).toHaveLength(begun.length);
    expect(given.filter((answer) => typeof answer === "string" && answer.includes("closed"))).toHaveLength(6 - begun.length);
    const next = await queue(true);
    await next.work(job, async ({ n }) => {
      done.push(n);
      return { twice: n };
    });
    await expect.poll(() => [...done].sort(), { timeout: 15_000 }).toEqual(range(6));
  });

  test("closing is idempotent, and a closed queue accepts no jobs", async () => {
    const job = aJob();
    const one = await queue(true);
    await one.work(job, twice);
    await Promise.all([one.close(), one.close()]);
    await one.close();
    await expect(one.add(job, { n: 1 })).rejects.toThrow("the queue is closed");
    await expect(one.ask(job, { n: 1 }, SOON)).rejects.toThrow("the queue is closed");
  });

  test("a hint is heard in other processes, also by those that take jobs of it and from those that add them", async () => {
    const [hint, older] = [aHint(), aHint()];
    const [telling, hearing] = [await queue(false), await queue(false)];
    const heard: string[] = [];
    await hearing.subscribe(hint, () => heard.push("told"));
    await expect.poll(async () => telling.publish(hint).then(() => heard), { timeout: 15_000 }).toContain("told");
    heard.length = 0;
    await telling.add(hint, {});
    await expect.poll(() => heard, { timeout: 15_000 }).toContain("told");
    await hearing.work(older, async () => {
      heard.push("as a job");
      return {};
    });
    await telling.publish(older);
    await expect.poll(() => heard, { timeout: 15_000 }).toContain("as a job");
  });

  test("cleared jobs do not run", async () => {
    const job = aJob();
    const one = await queue(true);
    for (const n of range(5)) await one.add(job, { n });
    await one.clear(job);
    expect(await one.backlog(job)).toBe(0);
    const done: number[] = [];
    await one.work(job, async ({ n }) => {
      done.push(n);
      return { twice: n };
    });
    await one.ask(job, { n: 9 }, SOON);
    expect(done).toEqual([9]);
  });

  test.runIf(cut)("dropped connections recover: every answer arrives, and the process survives", async () => {
    const job = aJob({ concurrency: 2 });
    const asking = await queue(false);
    const working = await queue(false);
    let cuts = 0;
    await working.work(job, async ({ n }) => {
      await sleep(30);
      return { twice: 2 * n };
    });
    const answers: Promise<{ twice: number }>[] = [];
    for (const n of range(40)) {
      answers.push(retried(() => asking.ask(job, { n }, SOON)));
      if (n % 10 === 5) cuts += (await cut?.()) ?? 0;
      await sleep(20);
    }
    expect((await Promise.all(answers)).map((answer) => answer.twice)).toEqual(range(40).map((n) => 2 * n));
    expect(cuts).toBeGreaterThanOrEqual(8);
  });
}

/** Retries a job that could not be added; an added one gets its answer. */
async function retried<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(100);
    }
  }
}
