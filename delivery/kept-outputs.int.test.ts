import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService } from "../testing/service.ts";
import { httpRequest } from "../tools/http-request.ts";
import { defineTool } from "../tools/tool.ts";

const OUTPUTS: Readonly<Record<string, unknown>> = {
  long: { order: Number("1524831183200260097") },
  big: { order: 1524831183200260097n },
  nul: { order: "a\u0000b" },
  half: { lines: [{ text: "\ud800" }] },
  fine: { order: "1524831183200260097", amount: 12.5 },
};

const giveBack = defineTool({
  name: "give_back",
  description: "Gives something back.",
  effect: "write",
  input: z.strictObject({ what: z.string() }),
  output: z.unknown(),
  idempotencyKey: (_input, { key }) => key,
  run: async ({ what }) => OUTPUTS[what],
});

const experience = (what: string) =>
  `id: ${what}\nserves: [${what}]\nchannels: {box: {text: "Order {{ action.order }}"}}\naction: {tool: give_back, input: {what: ${what}}}`;

let running: TestService;
beforeAll(async () => {
  const names = Object.keys(OUTPUTS);
  const moments = names.map((name) => `  ${name}: {on: ${name}.asked, expires: 30d}`).join("\n");
  const policy = policyOf(`channels: {box: {kind: file}}\nmoments:\n${moments}\n`, names.map(experience), { tools: ["give_back"] });
  running = await openTestService(policy, { remove: async () => {} }, { tools: [giveBack] });
});
afterAll(() => running?.close());

test.each(["long", "big", "nul", "half"])(
  "F4: a tool output that cannot be stored (%s) fails the call, and supports no statement",
  async (what) => {
    const customer = randomUUID();
    await running.signal(`${what}.asked`, customer);
    await running.settled();
    const [call] = await running.rows<{ status: string; error: { message: string } }>(
      "select status, error from tool_calls where customer_id = $1",
      [customer],
    );
    expect(call).toMatchObject({
      status: "failed",
      error: { message: expect.stringMatching(/returned a value that cannot be stored: (order|lines)/) },
    });
    expect(running.outbox().filter(({ customerId }) => customerId === customer)).toEqual([]);
  },
);

test("F4: a storable output is stored unchanged", async () => {
  await running.signal("fine.asked", "fine");
  await running.settled();
  expect(running.outbox().find(({ customerId }) => customerId === "fine")?.content).toEqual({ text: "Order 1524831183200260097" });
});

test("F4: a response over HTTP with a number that would lose digits is refused with its path", async () => {
  const answer = (text: string) =>
    httpRequest.run({ url: "https://orders.example/", method: "POST", headers: {} }, {
      request: async () => ({ status: 200, headers: {}, text }),
      signal: new AbortController().signal,
      idempotencyKey: "k",
    } as never);
  await expect(answer('{"order":{"id":1524831183200260097}}')).rejects.toThrow(/orders\.example .* body\.order\.id is 1524831183200260097/);
  expect(await answer('{"order":"1524831183200260097"}')).toMatchObject({ body: { order: "1524831183200260097" } });
});
