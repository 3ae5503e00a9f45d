import { afterEach, expect, test } from "vitest";
import type { StartTimer } from "../concurrency/periodic.ts";
import { policyOf } from "../testing/policy.ts";
import { describeOn, engines, OPERATOR_KEY, openTestService, type TestService, until, WRITE_KEY } from "../testing/service.ts";
import { type Listening, listen } from "./listen.ts";

const POLICY = policyOf(
  `
timezone: UTC
departments: [sales]
channels: {log: {kind: file, address: none}}
moments: {wants: {on: go, expires: 1h}}
governance: {review: 1h, caps: []}
`,
  ["id: plain\nserves: [wants]\nsuccess: {signal: bought, within: 1h}\nchannels: {log: {text: Hello}}"],
);

describeOn(engines, "the stream of changes on $name", ({ place }) => {
  const release: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const one of release.splice(0).reverse()) await one();
  });

  async function opened(): Promise<{ readonly on: TestService; readonly listening: Listening; tick(): void }> {
    const where = await place();
    release.push(() => where.remove());
    const ticks = new Set<() => void>();
    const startTimer: StartTimer = (tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    };
    const on = await openTestService(POLICY, where, { startTimerOfChanges: startTimer });
    release.push(() => on.close());
    const listening = await listen(on.app, { host: "127.0.0.1", port: 0 });
    let isOpen = true;
    release.push(async () => {
      on.service.drain();
      if (isOpen) await listening.close();
    });
    const close = async (): Promise<void> => {
      isOpen = false;
      await listening.close();
    };
    return { on, listening: { ...listening, close }, tick: () => [...ticks].map((one) => one()) };
  }

  /** Events of a stream, as they arrive. */
  async function reading(url: string, query = "") {
    const controller = new AbortController();
    const response = await fetch(`${url}/v1/stream${query}`, {
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
      signal: controller.signal,
    });
    let said = "";
    const ended = (async () => {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) said += chunk;
    })();
    ended.catch(() => {});
    const hints = (): string[] =>
      [...said.matchAll(/event: hint\ndata: (.+)\n/g)].map(([, data = ""]) => {
        const { topic, customerId } = JSON.parse(data) as { topic: string; customerId?: string };
        return customerId ?? topic;
      });
    return { response, said: () => said, hints, ended, leave: () => controller.abort() };
  }

  test("says hello, and what a signal, its decision and a pause have changed; of customers only hers", async () => {
    const { on, listening, tick } = await opened();
    for (const id of ["c-1", "c-2"]) await on.signal("go", id);
    await on.settled();
    const [all, hers] = [await reading(listening.url), await reading(listening.url, "?customer=c-1&customer=nobody")];
    expect(all.response.headers.get("content-type")).toBe("text/event-stream");
    await until(() => all.said().includes("hello") && hers.said().includes("hello"));
    await on.signal("go", "c-1");
    await on.settled();
    tick();
    await until(() => hers.hints().includes("c-1"), "a hint on the customer");
    await on.signal("go", "c-2");
    await on.settled();
    await on.post("/v1/pause", { target: { scope: "channel", name: "log" }, by: "ann" });
    tick();
    await until(() => all.hints().includes("pauses") && hers.hints().includes("pauses"), "a hint on pauses");
    expect(all.hints()).toContain("decisions");
    expect(hers.hints()).not.toContain("c-2");
    expect(all.hints()).not.toContain("c-1");
    expect(hers.said()).not.toMatch(/log|ann|channel/);
  });

  test("shutting down says bye and ends the streams, so that closing the server does not wait for them", async () => {
    const { on, listening } = await opened();
    const one = await reading(listening.url);
    await until(() => one.said().includes("hello"));
    on.service.drain();
    await one.ended;
    expect(one.said()).toMatch(/event: bye\ndata: \{\}\n\n$/);
    const late = await fetch(`${listening.url}/v1/stream`, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
    expect([late.status, late.headers.get("retry-after")]).toEqual([429, "5"]);
    await late.text();
    await listening.close();
  });

  test("a stream that its client leaves makes room; one too many is refused, and so is a key that may not read", async () => {
    const { listening } = await opened();
    const streams = [];
    for (let n = 0; n < 8; n++) streams.push(await reading(listening.url));
    const refused = await reading(listening.url);
    expect(refused.response.status).toBe(429);
    for (const one of streams) await until(() => one.said().includes("hello"));
    streams[0]?.leave();
    await until(async () => (await reading(listening.url)).response.status === 200, "room for one more");
    const wrong = await fetch(`${listening.url}/v1/stream`, { headers: { authorization: `Bearer ${WRITE_KEY}` } });
    expect(wrong.status).toBe(401);
    for (const query of ["?customer=", `?customer=${"x".repeat(513)}`, `?${"customer=c&".repeat(21)}`])
      expect([query, (await reading(listening.url, query)).response.status]).toEqual([query, 400]);
  });
});
