import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { RedisClient } from "./redis-client.ts";

/** Node's own `once` fails with the errors between. */
const once = (client: RedisClient, event: string) => new Promise((resolve) => client.once(event as "end", () => resolve(event)));

test("a connection that is closed while it reconnects ends, and so does what waits for it; its duplicates too", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const first = new RedisClient({ host: "127.0.0.1", port, maxRetriesPerRequest: null, retryStrategy: () => 600_000 });
  first.on("error", () => {});
  const second = first.duplicate();
  second.on("error", () => {});
  for (const client of [first, second as RedisClient]) {
    await once(client, "reconnecting");
    const waiting = client.bzpopmin("a marker", 5).catch((error: Error) => error.message);
    const ended = once(client, "end");
    client.disconnect();
    await ended;
    expect([client.status, await waiting]).toEqual(["end", "Connection is closed."]);
  }
  await new Promise((resolve) => server.close(resolve));
});
