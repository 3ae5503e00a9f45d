import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { type Listening, listen } from "./listen.ts";

/** The state of a test: the requests so far, and the function that releases the responses. */
interface Served {
  readonly listening: Listening;
  readonly asked: string[];
  answer(): void;
}

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** An application that responds on the test's command. */
async function serve(requestMs?: number): Promise<Served> {
  const asked: string[] = [];
  let answer = (): void => {};
  const released = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const app = new Hono().onError((_error, context) => context.text("cut off", 400));
  app.get("/late", async (context) => {
    asked.push("late");
    await released;
    return context.text("at last");
  });
  app.get("/slow", () => {
    asked.push("slow");
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(Buffer.from("first;"));
        await released;
        controller.enqueue(Buffer.from("last"));
        controller.close();
      },
    });
    return new Response(body);
  });
  app.post("/body", async (context) => {
    asked.push("body");
    return context.text(await context.req.text());
  });
  return { listening: await listen(app, { host: "127.0.0.1", port: 0, ...(requestMs === undefined ? {} : { requestMs }) }), asked, answer };
}

/** A connection and the data received on it. */
async function dial({ listening: { url } }: Served): Promise<{ socket: Socket; heard: () => string; ended: Promise<unknown> }> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  sockets.push(socket);
  let heard = "";
  socket.on("data", (data) => {
    heard += data;
  });
  // Not `once(socket, "close")`: that rejects where the peer has reset the connection.
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  return { socket, heard: () => heard, ended };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

test("a request in flight on close gets its response, with a notice that the connection closes, and no further one", async () => {
  const served = await serve();
  const { socket, heard, ended } = await dial(served);
  socket.on("data", () => socket.write(get("/late")));
  socket.write(get("/late"));
  await expect.poll(() => served.asked).toEqual(["late"]);
  const closed = served.listening.close();
  served.answer();
  await Promise.all([closed, ended]);
  expect(heard()).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*at last$/is);
  expect(served.asked).toEqual(["late"]);
});

test("a response already started on close is finished, and its connection ends with it", async () => {
  const served = await serve();
  const { socket, heard, ended } = await dial(served);
  socket.on("data", (data) => {
    if (String(data).includes("last")) socket.write(get("/slow"));
  });
  socket.write(get("/slow"));
  await expect.poll(heard).toContain("first;");
  const closed = served.listening.close();
  served.answer();
  await Promise.all([closed, ended]);
  expect(heard()).toMatch(/first;.*last/s);
  expect(served.asked).toEqual(["slow"]);
});

test.each([
  ["has never said anything", ""],
  ["has not finished the head of its request", "GET /late HTTP/1.1\r\nHost:"],
])("a connection that %s does not prevent closing", async (_what, said) => {
  const served = await serve();
  const { socket, heard, ended } = await dial(served);
  const other = await dial(served);
  socket.write(said);
  // Once the server has read this, it has seen the first one.
  other.socket.write(get("/late"));
  await expect.poll(() => served.asked).toEqual(["late"]);
  served.answer();
  await served.listening.close();
  await ended;
  expect(heard()).toBe("");
});

test("a request whose body is in flight on close is answered if the rest arrives, and aborted if it does not", async () => {
  const served = await serve(3_000);
  const [one, other] = [await dial(served), await dial(served)];
  for (const { socket } of [one, other]) socket.write("POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabc");
  await expect.poll(() => served.asked).toEqual(["body", "body"]);
  const closed = served.listening.close();
  one.socket.write("def");
  await Promise.all([closed, one.ended, other.ended]);
  expect(one.heard()).toMatch(/^HTTP\/1\.1 200 .*abcdef$/s);
  expect(other.heard()).not.toContain("200");
});
