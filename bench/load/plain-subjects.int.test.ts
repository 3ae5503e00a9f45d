import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { checkSigned, keyOf } from "../../channels/webhook/standard-webhooks.ts";
import { engines, until } from "../../testing/service.ts";
import { WEBHOOK_SECRET } from "./keys.ts";
import { plainFunctions, plainQueue } from "./limit.ts";
import type { Sink } from "./load.ts";

const SUBJECTS = [
  { name: "batched functions", start: plainFunctions, engine: engines.find(({ name }) => name === "PostgreSQL"), isSigned: false },
  { name: "BullMQ", start: plainQueue, engine: engines.find(({ name }) => name === "PostgreSQL and Redis"), isSigned: true },
];

/** A sink that keeps what it receives. */
async function openRecordingSink() {
  const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    received.push({ headers: request.headers, body });
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink`,
    twice: 0,
    onArrival: () => {},
    close: async () => {},
  };
  return { sink, received };
}

for (const { name, start, engine, isSigned } of SUBJECTS) {
  test.skipIf(engine === undefined)(`plain ${name}: one decision and one message for each signal, though it comes twice`, async () => {
    const place = await engine?.place();
    if (!place) return;
    onTestFinished(() => place.remove());
    const { sink, received } = await openRecordingSink();
    const subject = await start(place, 10)(sink);
    const post = async (id: string): Promise<number> => {
      const event = { specversion: "1.0", id, source: "test", type: "bought", subject: "c-3", data: { n: id, amount: 60 } };
      return (await fetch(`${subject.url}/v1/signals`, { method: "POST", body: JSON.stringify(event) })).status;
    };
    expect([await post("a"), await post("a"), await post("b")]).toEqual([202, 202, 202]);
    await until(() => new Set(received.map(({ body }) => body)).size === 2, "both messages");
    const client = new pg.Client(place.databaseUrl);
    await client.connect();
    const { rows } = await client.query("select decision_id, customer_id, experience from decisions order by 1");
    await client.end();
    await subject.stop();
    expect(rows).toEqual(["a", "b"].map((id) => ({ decision_id: `d-${id}`, customer_id: "c-3", experience: "one" })));
    const texts = received.map(({ body }) => body).sort();
    expect(texts).toEqual(["a", "b"].map((n) => JSON.stringify({ n, text: "Hello Name 3, you bought for 60" })));
    if (isSigned) expect(received.map(problemOf)).toEqual([undefined, undefined]);
  });
}

function problemOf({ headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: string }): string | undefined {
  const signed = {
    id: String(headers["webhook-id"]),
    seconds: String(headers["webhook-timestamp"]),
    signatures: String(headers["webhook-signature"]),
  };
  return checkSigned(signed, Buffer.from(body), keyOf(WEBHOOK_SECRET), Date.now());
}
