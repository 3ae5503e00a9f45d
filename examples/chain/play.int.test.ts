import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import { runStream } from "../../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { readSignalLines } from "../../intake/read-signals.ts";
import { modelOf } from "../../runtime/connect-model.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools, inputsOf } from "../../runtime/load-tools.ts";
import { at } from "../../testing/builders.ts";
import { startSentient, withoutServers } from "../../testing/command-line.ts";
import { loadWorkspace } from "../../workspace/load.ts";
import { openScriptedEndpoint, type ScriptedEndpoint } from "./stand-ins/model.ts";
import { openOrderSystem } from "./stand-ins/orders.ts";
import { addToOrder } from "./tools/add-to-order.ts";
import { changeDelivery } from "./tools/change-delivery.ts";
import { findAddOns } from "./tools/find-add-ons.ts";
import { findOrders } from "./tools/find-orders.ts";
import { placeOrder } from "./tools/place-order.ts";
import { startReturn } from "./tools/start-return.ts";

const chain = import.meta.dirname;
// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

const UNTIL = "2026-04-17T00:00:00Z";
let endpoint: ScriptedEndpoint;
let data: string;

beforeAll(async () => {
  endpoint = await openScriptedEndpoint();
  data = await mkdtemp(join(tmpdir(), "chain-"));
});
afterAll(async () => {
  await endpoint.close();
  await rm(data, { recursive: true, force: true });
});

async function sentient(environment: Record<string, string>, ...words: string[]): Promise<unknown[]> {
  const { out, err, code } = await startSentient([...words, "--json"], {
    ...withoutServers(),
    ...{ OPENAI_BASE_URL: "", OPENAI_MODEL: "", OPENAI_API_KEY: "" },
    ...environment,
  }).ended;
  expect(code, err).toBe(0);
  return out.flatMap((line) => JSON.parse(line));
}

const scripted = () => ({ OPENAI_BASE_URL: endpoint.url, OPENAI_MODEL: "scripted" });

/** The messages sent to a customer, in order. */
const textsTo = (customer: string, decisions: readonly unknown[]): string[] =>
  (decisions as Decision[])
    .filter(({ customerId }) => customerId === customer)
    .flatMap(({ deliveries }) => deliveries.map(({ content }) => String(content?.text)));

test("replayed with a scripted model: from the campaign to the case, deterministic, with every model call and its cost on record", async () => {
  const decisions = (await sentient(scripted(), "run", chain, "--data", join(data, "model"), "--until", UNTIL)) as Decision[];
  expect(endpoint.unplanned).toEqual([]);
  expect(await sentient(scripted(), "run", chain, "--until", UNTIL)).toEqual(decisions);
  expect(textsTo("c-ines", decisions)).toEqual([
    expect.stringContaining("Good news, Ines"),
    expect.stringMatching(/^You are talking to the automated assistant of Fjell Cycles\..*\n\nYes, it is in stock/s),
    "A fine choice.\n\nShall we order this for you?\nHeron trailer\n(yes / no)",
    "Your order is placed: the Heron trailer, $540. The confirmation comes by mail.",
    expect.stringContaining("Shall we deliver your order here?\n12 Oak Lane, Portland\n(yes / no)"),
    "Done: your order goes to 12 Oak Lane, Portland.",
    "Here is what I would add.\n\nShall we add this to your order?\nrain cover\n(yes / no)",
    "It is on your order.",
    "Thank you, Ines. A colleague from sales gets in touch with you.",
  ]);
  const tasks = (await sentient({}, "tasks", "list", "--data", join(data, "model"))) as { queue: string; facts: object }[];
  expect(tasks).toContainEqual(
    expect.objectContaining({
      queue: "sales",
      facts: expect.objectContaining({
        promise: "reply",
        summary: expect.stringContaining("six cargo bikes"),
        before: expect.arrayContaining([{ by: "us", text: "It is on your order." }]),
        done: [{ tool: "open_case", input: { subject: "six cargo bikes for our team" }, status: "done" }],
      }),
    }),
  );
  expect(decisions.at(-1)).toMatchObject({
    customerId: "c-ines",
    action: "silence",
    candidates: expect.arrayContaining([
      expect.objectContaining({
        experienceId: "lights-campaign",
        reasons: expect.arrayContaining([expect.objectContaining({ code: "suppressed", detail: "a case is open" })]),
      }),
    ]),
  });
  const sale = decisions.find(({ deliveries: [delivery] }) => String(delivery?.content?.text).startsWith("Your order is placed"));
  const [run] = (await sentient({}, "runs", "show", sale?.runId ?? "", "--data", join(data, "model"))) as {
    toolCalls: unknown;
    usage: unknown;
  }[];
  expect(run?.toolCalls).toEqual([
    expect.objectContaining({ tool: "place_order", status: "done", input: { customerId: "c-ines", item: "Heron trailer" } }),
  ]);
  expect(run?.usage).toMatchObject({ inputTokens: expect.toSatisfy((tokens: number) => tokens > 100) });
});

test("without a model the same story is played by the classifier, the authored texts and a human", async () => {
  const decisions = await sentient({}, "run", chain, "--data", join(data, "none"), "--until", UNTIL);
  expect(textsTo("c-ines", decisions)).toEqual([
    expect.stringContaining("Hello Ines, the Heron trailer is back"),
    "Hello Ines, we have your message. A colleague answers today.",
    "You can change where an order goes until it leaves us: https://fjell.example/orders",
    "Hello Ines, a colleague answers you here in a moment.",
    "Hello Ines, a colleague answers you here in a moment.",
    "Thank you, Ines. A colleague from sales gets in touch with you.",
  ]);
  const tasks = (await sentient({}, "tasks", "list", "--data", join(data, "none"))) as { queue: string; facts: { why?: string } }[];
  expect(tasks.find(({ queue }) => queue === "sales")?.facts.why).toBe("there is no language model to answer");
});

test("with real tool calls, the order system holds what the customer confirmed, each once", async () => {
  const orders = await openOrderSystem();
  process.env.ORDERS_URL = orders.url;
  let clock = at("2026-04-01T00:00:00Z");
  const tools = [addToOrder, changeDelivery, findAddOns, findOrders, placeOrder, startReturn];
  const workspace = loadWorkspace(chain, {
    environment: {},
    channels: channelsOf(),
    tools: [...actionTools, ...tools.map(({ name }) => name)],
    inputs: inputsOf(tools),
  });
  const { policy, settings } = workspace;
  const model = modelOf(settings.model, { baseUrl: endpoint.url, name: "scripted" }, () => {});
  const runtime = await createRuntime({ policy, tools, live: true, dataDir: join(data, "live"), now: () => clock, model });
  try {
    const { store, decider } = runtime;
    const { lines } = readCustomers(workspace.customersFile ?? "");
    await importCustomers(lines, clock, store, policy);
    const signals = readFileSync(join(chain, "signals.jsonl"), "utf8").trim().split("\n");
    const times = signals.map((line) => at(JSON.parse(line).time));
    for (const [index, line] of signals.entries()) {
      clock = times[index] ?? clock;
      // The answer follows five seconds after the customer's last message, unless another comes before.
      const until = Math.min(clock + 6_000, times[index + 1] ?? Number.POSITIVE_INFINITY);
      await runStream(readSignalLines(Readable.from([line])), { store, decider, until, onDecision: () => {} });
    }
    expect(orders.orders).toEqual({
      "c-omar": [expect.objectContaining({ orderId: "FC-0907" })],
      "c-ines": [
        {
          ...{ orderId: "FC-1042", items: ["Heron trailer", "rain cover"], total: 585, deliverTo: "12 Oak Lane, Portland" },
          ...{ state: "packed", arrives: "2026-04-17" },
        },
      ],
    });
    expect(orders.returns).toEqual([{ customerId: "c-omar", item: "Lark bell", reason: "cracked" }]);
    const outbox = readFileSync(join(data, "live", "outbox.jsonl"), "utf8");
    const said = outbox
      .trim()
      .split("\n")
      .map((line) => String(JSON.parse(line).content?.text));
    expect(said).toEqual(
      expect.arrayContaining([
        "Your order FC-1042 is placed: the Heron trailer, $540. It arrives on 2026-04-17.",
        "It is on your order FC-1042, which now comes to $585.",
        expect.stringContaining("Your order FC-0907 is there: it arrived on 2026-04-10."),
      ]),
    );
    const { rows } = await store.database.pool.query("select customer_id, data from cases where closed_at is null");
    expect(rows).toEqual([{ customer_id: "c-ines", data: { subject: "six cargo bikes for our team", queue: "sales" } }]);
  } finally {
    await runtime.close();
    await orders.close();
    delete process.env.ORDERS_URL;
  }
});
