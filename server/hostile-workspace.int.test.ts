import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { hostileCustomers, hostileSignals, hostileTexts, writeHostileWorkspace } from "../testing/hostile/workspace.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../testing/service.ts";

const AT = "http://127.0.0.1:9";
const dir = mkdtempSync(join(tmpdir(), "sentient-hostile-"));
let running: TestService | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};

beforeAll(async () => {
  writeHostileWorkspace(dir, AT);
  const { workspace, tools, channels } = await openWorkspace(dir, { environment: {} });
  running = await openTestService(workspace.policy, { remove: async () => {} }, { tools, channels, live: false });
  const lines = hostileCustomers(AT).map((customer) => JSON.stringify(customer));
  expect((await on().post("/v1/customers", lines.join("\n"))).status).toBe(200);
  for (const signal of hostileSignals(AT)) {
    const response = await on().post("/v1/signals", JSON.stringify(signal));
    expect([signal, response.status, await response.text()]).toEqual([signal, 202, expect.any(String)]);
  }
  await on().settled();
});
afterAll(async () => {
  await running?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Route {
  readonly path: string;
  readonly query: readonly string[];
}

async function routesToRead(): Promise<Route[]> {
  type Described = { readonly paths: Record<string, { readonly get?: { readonly parameters?: readonly { name: string; in: string }[] } }> };
  const { paths } = await on().get<Described>("/openapi.json");
  return Object.entries(paths)
    .filter(([path, { get }]) => get !== undefined && path.startsWith("/v1/") && !/unsubscribe|stream|export/.test(path))
    .map(([path, { get }]) => ({
      path,
      query: (get?.parameters ?? []).filter((one) => one.in === "query").map(({ name }) => name),
    }));
}

/** The answer's status and type; every 200 has been checked against its schema by the server. */
async function ask(path: string): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
  const response = await on().app.request(path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
  return { status: response.status, type: response.headers.get("content-type") ?? "", text: await response.text() };
}

test.each(hostileTexts(AT))("every route answers about %j, as data that no browser renders", async (text) => {
  const named = text.trim() === "" ? "blank" : text;
  for (const { path, query } of await routesToRead()) {
    const target = path.replaceAll(/\{\w+\}/g, encodeURIComponent(named));
    const asked = new URLSearchParams(
      query.flatMap((name): [string, string][] =>
        ["customer", "experience", "q", "queue", "code", "action"].includes(name) ? [[name, named]] : [],
      ),
    );
    const { status, type, text: said } = await ask(`${target}?${asked}`);
    expect([path, [200, 400, 404].includes(status), /^application\/(problem\+)?json/.test(type)], `${status} ${type} ${said}`).toEqual([
      path,
      true,
      true,
    ]);
  }
});

test("lists hold them all, unchanged, and each customer can be shown", async () => {
  const { decisions } = await on().get<{ decisions: readonly { customerId: string }[] }>("/v1/decisions?limit=1000");
  const ids = new Set(decisions.map(({ customerId }) => customerId));
  for (const text of hostileTexts(AT).filter((one) => one.trim() !== "")) {
    expect([text, ids.has(text)]).toEqual([text, true]);
    const profile = await on().get<object>(`/v1/customers/${encodeURIComponent(text)}`);
    expect([text, JSON.stringify(profile)]).toEqual([text, expect.stringContaining(JSON.stringify(text))]);
  }
});
