import { expect, test } from "vitest";
import type { OpenChannel } from "../../channels/channel.ts";
import { policyOf } from "../../testing/policy.ts";
import { type Compiled, createEditions, type Editions } from "./editions.ts";

const KIND = {};

/** Editions whose channels note when they are connected and closed. */
function opened(): { editions: Editions; told: string[] } {
  const told: string[] = [];
  const channel = (name: string): OpenChannel => ({ send: async () => ({}), close: async () => void told.push(`closed ${name}`) });
  const editions = createEditions({
    base: () => ({}) as never, // Nothing of it is used here.
    toolsOf: () => new Map(),
    connectModel: async () => ({}) as never, // There is none.
    connectEmbeddings: async () => ({}) as never, // Nor this.
    beforeOffer: async () => {},
    connectChannels: async ({ policy }, take) =>
      new Map(
        await Promise.all(
          Object.entries(policy.channels).map(async ([name, { options }]) => {
            const settings = JSON.stringify([name, options]);
            const connect = async (): Promise<OpenChannel> => {
              told.push(`connected ${name}`);
              return channel(name);
            };
            return [name, await take(KIND, settings, connect)] as const;
          }),
        ),
      ),
  });
  return { editions, told };
}

const version = (channels: string, text = "Hello"): Compiled => ({
  policy: policyOf(`channels: ${channels}`, [`channels: {box: {text: ${text}}}`]),
  ...{ tools: [], channels: [] },
});

test("a version with the same channels reconnects none", async () => {
  const { editions, told } = opened();
  await editions.offer(version("{box: {kind: file}}"));
  await editions.offer(version("{box: {kind: file}}", "Good day"));
  expect(told).toEqual(["connected box"]);
  await editions.close();
  expect(told).toEqual(["connected box", "closed box"]);
});

test("what has begun ends under its version, whose channels stay open until then", async () => {
  const { editions, told } = opened();
  await editions.offer(version("{box: {kind: file}, news: {kind: file}}"));
  const before = editions.current();
  let end = (): void => {};
  const work = editions.using(async (edition) => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return edition;
  });
  await editions.offer(version("{box: {kind: file}}"));
  expect(editions.current()).not.toBe(before);
  expect(told).toEqual(["connected box", "connected news"]);
  end();
  expect(await work).toBe(before);
  expect(told).toEqual(["connected box", "connected news", "closed news"]);
});

test("a version that cannot be connected changes nothing, and what it had connected is closed", async () => {
  const { editions, told } = opened();
  const first = version("{box: {kind: file}}");
  await editions.offer(first);
  const broken = createBroken();
  await expect(editions.offer(broken)).rejects.toThrow("no channels");
  expect(editions.current().policy).toBe(first.policy);
  expect(told).toEqual(["connected box"]);

  function createBroken(): Compiled {
    const { policy, ...rest } = version("{box: {kind: file}}");
    return {
      ...rest,
      policy: {
        ...policy,
        get channels(): never {
          throw new Error("no channels");
        },
      },
    };
  }
});
