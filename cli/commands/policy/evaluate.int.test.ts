import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentientIn, withoutServers } from "../../../testing/command-line.ts";

const dir = mkdtempSync(join(tmpdir(), "policy-of-store-"));
afterAll(() => rmSync(dir, { recursive: true }));

const WORKSPACE = `version: 1
name: Test
departments: [sales]
channels: {box: {kind: file}, note: {kind: file}, web: {kind: pull}}
moments: {m: {on: go, expires: 30d}}
learning: {explore: thompson}
`;
const EXPERIENCES = {
  // Success is what the author says: 7 for each.
  quote:
    "serves: [m]\nsuccess: {signal: bought, within: 30d, reward: 7}\nchannels: {box: {variants: {short: {text: Hi}, long: {text: Hello}}}}",
  // Without, an answer is one.
  visit: "serves: [m]\nchannels: {note: {text: Visit us}}",
  banner: "serves: [asking]\nchannels: {web: {content: {text: Look}}}",
};

/** 120 customers: a message each; half of the quotes sell, half of the visits are opened and then clicked. The last asks for a page twice. */
function writeWorkspace(): void {
  mkdirSync(join(dir, "experiences"));
  writeFileSync(join(dir, "sentient.yaml"), WORKSPACE);
  for (const [id, rest] of Object.entries(EXPERIENCES))
    writeFileSync(join(dir, "experiences", `${id}.yaml`), `id: ${id}\nstatus: approved\n${rest}\n`);
}

const signal = (id: string, type: string, customer: string, at: string, data = {}) => ({
  ...{ specversion: "1.0", id, source: "web", type, subject: customer, time: `2026-06-01T${at}Z`, data },
});

const sentient = (...words: string[]) => sentientIn({ dir }, words, withoutServers());
let store: readonly Decided[] = [];

interface Decided {
  readonly customerId: string;
  readonly experienceId?: string;
  readonly again?: true;
  readonly deliveries: readonly { readonly deliveryId: string }[];
}

async function decided(file: string, signals: readonly object[]): Promise<Decided[]> {
  writeFileSync(join(dir, file), signals.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const { code, out, err } = await sentient("run", ".", "--signals", file, "--data", "store", "--json");
  expect([code, err]).toEqual([0, expect.not.stringContaining("✗")]);
  return out.map((line): Decided => JSON.parse(line));
}

beforeAll(async () => {
  writeWorkspace();
  const customers = Array.from({ length: 120 }, (_, index) => `c-${index}`);
  const asks = ["0", "1"].map((minute) => signal(`ask-${minute}`, "sentient.ask", "c-0", `09:0${minute}:00`, { channel: "web" }));
  const first = await decided("first.jsonl", [...customers.map((id) => signal(`go-${id}`, "go", id, "08:00:00")), ...asks]);
  const delivered = first.filter(({ deliveries }) => deliveries.length > 0);
  const answers = delivered
    .filter((_, place) => place % 2 === 0)
    .flatMap(({ customerId, experienceId, deliveries: [{ deliveryId } = { deliveryId: "" }] }) =>
      experienceId === "quote"
        ? [signal(`bought-${customerId}`, "bought", customerId, "10:00:00")]
        : ["opened", "clicked"].map((kind) => signal(`${kind}-${deliveryId}`, `delivery.${kind}`, customerId, "10:00:00", { deliveryId })),
    );
  store = [...first, ...(await decided("answers.jsonl", answers))];
});

describe("policy evaluate without a LOG reads the store", () => {
  const evaluated = async (...words: string[]) => {
    const { code, out, err } = await sentient("policy", "evaluate", ...words, "--json");
    return { code, err, json: out[0] === undefined ? undefined : JSON.parse(out[0]) };
  };

  test("the numbers are those of the exported log with the same rewards, whatever the policy", async () => {
    const log = await sentient("decisions", "list", "--data", "store", "--limit", "100000", "--json");
    const outcomes = await sentient("outcomes", "list", "--data", "store", "--limit", "100000", "--json");
    writeFileSync(join(dir, "log.ndjson"), log.out.map((line) => `${line}\n`).join(""));
    // By hand: 7 for each success; 1 for what was opened or clicked where no success is defined.
    const earned = new Map(
      JSON.parse(outcomes.out[0] ?? "[]").map((one: { deliveryId: string; kind: string }) => [
        one.deliveryId,
        one.kind === "converted" ? 7 : 1,
      ]),
    );
    writeFileSync(
      join(dir, "rewards.ndjson"),
      [...earned].map(([deliveryId, reward]) => `${JSON.stringify({ deliveryId, reward })}\n`).join(""),
    );

    for (const policy of ["best", "uniform", "always:quote@box/long"]) {
      const fromStore = await evaluated("--data", "store", "--policy", policy);
      expect(fromStore).toEqual(await evaluated("log.ndjson", "--rewards", "rewards.ndjson", "--policy", policy));
      expect(fromStore).toEqual(await evaluated("--data", "store", "--rewards", "rewards.ndjson", "--policy", policy));
    }
  });

  test("a showing given again counts once, each variant is an action, and rewards are as learning sees them", async () => {
    const { json } = await evaluated("--data", "store");
    const again = store.filter((one) => one.again);
    expect(again).toHaveLength(1);
    expect(json.decisions).toBe(store.length - again.length);
    const named = json.actions.map(({ action }: { action: string }) => action);
    expect(named).toEqual(expect.arrayContaining(["banner@web", "quote@box/long", "quote@box/short", "visit@note"]));
    const mean = (name: string) => json.actions.find(({ action }: { action: string }) => action === name).reward;
    expect(mean("visit@note")).toBeGreaterThan(0.2);
    expect(mean("visit@note")).toBeLessThan(0.8);
    expect(mean("quote@box/long")).toBeGreaterThan(1);
  });

  test("an empty store, no store, and a log beside a store are refused", async () => {
    mkdirSync(join(dir, "none"));
    expect(await evaluated("--data", "none")).toMatchObject({ code: 1, err: expect.stringMatching(/no store in none/) });
    expect(await evaluated("log.ndjson", "--data", "store")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/two logs are named: log\.ndjson and the store in store; name one/),
    });
    writeFileSync(join(dir, "nothing.jsonl"), "");
    await sentient("run", ".", "--signals", "nothing.jsonl", "--data", "empty");
    expect(await evaluated("--data", "empty")).toMatchObject({ code: 2, err: expect.stringMatching(/the store holds no decisions/) });
  });
});
