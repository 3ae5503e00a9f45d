import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  COMPLAINT,
  FALSE_SUMMARY,
  hostileAnswer,
  hostileCustomers,
  hostileError,
  hostileFailures,
  hostileReason,
  hostileSignals,
  hostileTexts,
  writeHostileWorkspace,
} from "../hostile/workspace.ts";
import { openFakeOpenAi } from "../providers/fake-openai.ts";
import { OPERATOR_KEY, WRITE_KEY } from "../service.ts";
import { startCanary } from "./canary.ts";
import { type ConsoleUnderTest, describeInBrowser, IS_SHORT } from "./console.ts";
import { dialogsOf } from "./dialogs.ts";
import { rehearse } from "./invented-rehearsals.ts";
import { addressOf, type Ids, PAGE_PATHS, settled, TABS } from "./places.ts";

const canary = await startCanary();
afterAll(() => canary.close());
const workspace = mkdtempSync(join(tmpdir(), "sentient-hostile-"));
const model = await openFakeOpenAi((request) => hostileAnswer(canary.url, request));
afterAll(() => model.close());
writeHostileWorkspace(workspace, canary.url, model.url);
const TEXTS = hostileTexts(canary.url).filter((text) => text.trim() !== "");
const [IMAGE = "", SVG = ""] = TEXTS;
const LINES_OF_TEXTS = TEXTS.filter((text) => !/[{}]/.test(text)).join("\n");

/** Signals of a request. */
const AT_ONCE = 50;

/** Fills the store by the API: records, signals, a receipt with a hostile reason, and deeds of operators with hostile names and notes. */
async function attack({ url, ask, settled: idle, service }: ConsoleUnderTest): Promise<Ids> {
  const post = async (path: string, key: string, body: string): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body });
    expect([path, response.ok, await response.text()]).toEqual([path, true, expect.not.stringContaining('"rejected":[{')]);
  };
  await post(
    "/v1/customers",
    OPERATOR_KEY,
    hostileCustomers(canary.url)
      .map((one) => JSON.stringify(one))
      .join("\n"),
  );
  const signals = [...hostileSignals(canary.url), ...hostileFailures(canary.url)];
  for (let first = 0; first < signals.length; first += AT_ONCE)
    await post("/v1/signals", WRITE_KEY, JSON.stringify(signals.slice(first, first + AT_ONCE)));
  await idle();
  const by = { by: SVG, note: IMAGE };
  await post("/v1/pause", OPERATOR_KEY, JSON.stringify({ target: { scope: "channel", name: "desk" }, ...by }));
  const { decisions } = await ask<{
    decisions: readonly { decisionId: string; runId: string; deliveries: readonly { deliveryId: string }[] }[];
  }>("/v1/decisions?limit=1000");
  const deliveries = decisions.flatMap((one) => one.deliveries.map(({ deliveryId }) => deliveryId));
  const bounced = { specversion: "1.0", id: "b", source: IMAGE, type: "delivery.bounced", subject: IMAGE };
  await post("/v1/signals", WRITE_KEY, JSON.stringify({ ...bounced, data: { deliveryId: deliveries[0], reason: IMAGE, code: SVG } }));
  const { tasks } = await ask<{ tasks: readonly { taskId: string }[] }>("/v1/tasks?limit=1000");
  await post(`/v1/tasks/${tasks[0]?.taskId}/claim`, OPERATOR_KEY, JSON.stringify(by));
  const { approvals } = await ask<{ approvals: readonly { approvalId: string }[] }>("/v1/approvals?limit=1000");
  await post(`/v1/approvals/${approvals[0]?.approvalId}/reject`, OPERATOR_KEY, JSON.stringify(by));
  const [, , , , merged = ""] = TEXTS;
  await post(`/v1/customers/${encodeURIComponent(merged)}/merge`, OPERATOR_KEY, JSON.stringify({ into: IMAGE, ...by }));
  await service.store.database.pool.query(
    "insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at) values ($1, $2, $2, now(), 5, $3, now())",
    [IMAGE, SVG, JSON.stringify({ name: SVG, message: IMAGE })],
  );
  await idle();
  const { files } = await ask<{ files: Readonly<Record<string, string>> }>(`/v1/versions/${service.policy.version}/files`);
  const otherwise = { ...files, [`templates/${IMAGE.replaceAll("/", "")}.liquid`]: LINES_OF_TEXTS };
  await post("/v1/versions", OPERATOR_KEY, JSON.stringify({ files: otherwise, force: true, from: IMAGE, ...by }));
  const hostile = { file: "told.yaml", text: `${files["experiences/told.yaml"]}\n# ${IMAGE}\n` };
  const proposed = { experience: hostile, evals: [{ file: "x.yaml", text: `name: ${JSON.stringify(SVG)}\ncases: []\n` }] };
  await post("/v1/proposals", OPERATOR_KEY, JSON.stringify({ ...proposed, because: IMAGE, evidence: [decisions[0]?.decisionId], ...by }));
  await post("/v1/canaries/told/stop", OPERATOR_KEY, JSON.stringify(by));
  const rehearsed = await rehearse({ ask, settled: idle }, { seed: SVG, by: IMAGE });
  return {
    customers: TEXTS,
    decisions: decisions.map(({ decisionId }) => decisionId),
    runs: decisions.map(({ runId }) => runId),
    deliveries,
    tasks: tasks.map(({ taskId }) => taskId),
    approvals: approvals.map(({ approvalId }) => approvalId),
    canaries: ["told"],
    rehearsals: [rehearsed.done, rehearsed.running],
    proposals: (await ask<{ proposals: readonly { proposalId: string }[] }>("/v1/proposals")).proposals.map(({ proposalId }) => proposalId),
    versions: (await ask<{ versions: readonly { policyVersion: string }[] }>("/v1/versions")).versions.map(
      ({ policyVersion }) => policyVersion,
    ),
    experiences: ["told", "task", "approved-text", "kept-back", "acting", "judged", "vouched", "worded", "answered"],
  };
}

/** How many rows of a kind each page is opened with, and of the customers each which one. */
const [FEW, EACH] = IS_SHORT ? [1, 6] : [4, 1];

/** Numbers of a rehearsal, and the rows behind them. */
const BEHIND = [
  ["recorded", "deliver>silence"],
  ["forward", "leftOut"],
  ["forward", `byExperience:${SVG}`],
  ["recorded", IMAGE],
].map(([part = "", cell = ""]) => new URLSearchParams({ part, cell, side: SVG }));

/** The addresses of a page: with the ids of its path, or with hostile words in its search. */
function addressesOf(path: string, ids: Ids): string[] {
  if (path.includes("$")) {
    const all = ids[path.split("/")[1] ?? ""] ?? [];
    const behind = path.startsWith("/rehearsals/") ? BEHIND.map((search) => `${addressOf(path, all[0] ?? "")}?${search}`) : [];
    if (path !== "/customers/$id") return [...all.slice(0, FEW).map((id) => addressOf(path, id)), ...behind];
    const onTabs = IS_SHORT ? all.slice(0, 1) : [...all.slice(0, 2), ...all.slice(-4, -2)];
    return [
      ...all.filter((_, index) => index % EACH === 0).map((id) => addressOf(path, id)),
      ...TABS.flatMap((tab) => onTabs.map((id) => `${addressOf(path, id)}?tab=${tab}`)),
    ];
  }
  const searches = TEXTS.slice(0, FEW).map(
    (text) => new URLSearchParams({ customer: text, experience: text, q: text, queue: text, tab: text }),
  );
  const known = new URLSearchParams({ customer: IMAGE, experience: "told", q: IMAGE });
  return [path, ...[known, ...searches].map((search) => `${path}?${search}`)];
}

/** Traces in a page of a text that became more than text. */
const FOUND = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const strange = "script:not([src^='/']), style, base, object, embed, form[action], img:not([src^='data:']):not([src^='/']), meta[http-equiv]";
  return {
    touched: typeof window.touched,
    polluted: Object.keys(Object.prototype),
    elements: all(strange).map(({ outerHTML }) => outerHTML.slice(0, 200)),
    links: all("a[href]").map(({ href }) => href).filter((href) => !href.startsWith(location.origin + "/console")),
    hidden: [document.body.innerText, document.title].flatMap((text) => text.match(/.{0,20}[\\u202a-\\u202e\\u2060-\\u2069\\u200b\\ufeff\\u061c].{0,20}/gu) ?? []),
    wider:
      document.documentElement.scrollWidth === document.documentElement.clientWidth
        ? []
        : all("main *")
            .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map(({ outerHTML }) => outerHTML.slice(0, 200)),
    handlers: all("*").flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
    title: document.title,
  };
})()`;

async function expectUntouched(page: Page, where: string): Promise<void> {
  const { title, ...found } = (await page.evaluate(FOUND)) as { readonly title: string };
  expect({ where, ...found }).toEqual({
    where,
    touched: "undefined",
    polluted: [],
    elements: [],
    links: [],
    hidden: [],
    wider: [],
    handlers: [],
  });
  expect([where, title]).toEqual([where, expect.not.stringMatching(/^taken/)]);
  expect([where, new URL(page.url()).pathname]).toEqual([where, expect.stringMatching(/^\/console/)]);
  expect([where, canary.requests, canary.connections()]).toEqual([where, [], 0]);
}

describeInBrowser(
  "a workspace whose every name, id, note and text attacks",
  (on) => {
    let ids: Ids = {};
    beforeAll(async () => {
      ids = await attack(on());
    });

    test.each(PAGE_PATHS)("%s shows it, and nothing runs, loads or leads away", async (path) => {
      // A page says when it has no such customer or experience.
      on().troubles.allow(/^console Failed to load resource: .* 40[04]/);
      const tabs: Page[] = [];
      for (const size of ["desktop", "phone"] as const) {
        const context = await on().context({ size });
        await on().signIn(context);
        tabs.push(await context.newPage());
      }
      // Desktop and phone by turns.
      for (const [index, address] of addressesOf(path, ids).entries()) {
        const page = tabs[index % tabs.length];
        if (!page) throw new Error("no tab is open");
        await page.goto(`${on().url}/console${address}`);
        await page.locator("h1").waitFor();
        await settled(page);
        await expectUntouched(page, address);
        if (!IS_SHORT) for await (const title of dialogsOf(page)) await expectUntouched(page, `${address}, ${title}`);
      }
    });

    test("errors of tools and words of a model are there as text, on a run, a decision and the health of calls", async () => {
      const { decisions } = await on().ask<{ decisions: readonly { decisionId: string; runId: string; wake: { type?: string } }[] }>(
        "/v1/decisions?limit=1000",
      );
      const of = (type: string) => decisions.find(({ wake }) => wake.type === type);
      const context = await on().context();
      await on().signIn(context);
      for (const [address, text] of [
        [`/runs/${of("act")?.runId}`, hostileError(canary.url)],
        [`/runs/${of("word")?.runId}`, hostileReason(canary.url)],
        ["/health", hostileError(canary.url)],
        [`/decisions/${of("judge")?.decisionId}`, hostileReason(canary.url)],
      ] as const) {
        const page = await on().open(address, { context });
        await expect.poll(() => page.locator("main").textContent(), { message: address }).toContain(text.split('"', 1)[0]);
        await expectUntouched(page, address);
        await page.close();
      }
    });

    test("what a model says of a text never precedes it: on a task it follows the messages, on an approval the text and the facts", async () => {
      const { tasks } = await on().ask<{ tasks: readonly { taskId: string; facts: { summary?: string } }[] }>("/v1/tasks?limit=1000");
      const { approvals } = await on().ask<{ approvals: readonly { approvalId: string; experienceId: string }[] }>(
        "/v1/approvals?limit=1000",
      );
      const task = tasks.find(({ facts }) => facts.summary === FALSE_SUMMARY);
      const approval = approvals.find(({ experienceId }) => experienceId === "vouched");
      const context = await on().context();
      await on().signIn(context);
      for (const [address, ...texts] of [
        [`/tasks/${task?.taskId}`, COMPLAINT, "a language model", FALSE_SUMMARY],
        [
          `/approvals/${approval?.approvalId}`,
          ...["The text as it would go now", "has earned it", "The facts that it states", "firstName"],
          ...["Written by a language model", "is not sure: it may not hold"],
        ],
      ] as const) {
        const page = await on().open(address, { context });
        for (const text of texts) await expect.poll(() => page.locator("main").textContent(), { message: address }).toContain(text);
        await settled(page);
        await expectUntouched(page, address);
        const said = (await page.locator("main").textContent()) ?? "";
        const places = texts.map((text) => said.indexOf(text));
        expect([address, places]).toEqual([address, [...places].sort((a, b) => a - b)]);
        await page.close();
      }
    });
  },
  { workspace },
);
