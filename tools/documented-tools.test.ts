import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { GuardedFetch } from "../channels/http/guarded-fetch.ts";
import { checkTexts } from "../testing/policy.ts";
import { toolContract } from "./tool.contract.ts";
import type { AnyTool, OutsideDeps, ReadTool, RecordContext, RecordTool, WriteTool } from "./tool.ts";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs", "workspace.md"), "utf8");
const section = page.slice(page.indexOf("## Tools of your own"), page.indexOf("## customers.jsonl and signals.jsonl"));

/** What tools may import from "sentient", as far as the page does. */
const SENTIENT = 'export { SentientError } from "./domain/errors.ts"; export { defineTool } from "./tools/tool.ts";';

/** The tools that an example of the page exports. */
async function toolsIn(code: string): Promise<AnyTool[]> {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: "ts", resolveDir: root },
    ...{ bundle: true, write: false, format: "esm", platform: "node", logLevel: "silent" },
    plugins: [
      {
        name: "sentient",
        setup(builder) {
          builder.onResolve({ filter: /^sentient$/ }, () => ({ path: "sentient", namespace: "sentient" }));
          builder.onLoad({ filter: /.*/, namespace: "sentient" }, () => ({ contents: SENTIENT, loader: "ts", resolveDir: root }));
        },
      },
    ],
  });
  return Object.values(await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`));
}

const blocks = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
const documented = new Map((await Promise.all(blocks.map(toolsIn))).flat().map((tool) => [tool.name, tool]));
const named = <Effect extends AnyTool["effect"]>(name: string, effect: Effect): Extract<AnyTool, { effect: Effect }> => {
  const tool = documented.get(name);
  if (tool?.effect !== effect) throw new Error(`docs/workspace.md has no ${effect} tool ${name}`);
  return tool as Extract<AnyTool, { effect: Effect }>;
};
const bookSlot = named("book_slot", "write");
const findSlots = named("find_slots", "read");
const openClaim = named("open_claim", "record");

toolContract({ tool: bookSlot, input: { day: "monday" }, output: { slot: "monday/1" } });
toolContract({ tool: findSlots, input: { week: "23" }, output: { days: ["monday"] } });
toolContract({ tool: openClaim, input: { subject: "a dent" }, output: { caseId: "claim-1" } });

/** The workshop of the page, which answers what it is asked for. */
const answering = (answer: object, status = 200) => {
  const asked: Parameters<GuardedFetch>[0][] = [];
  const request = (async (given: Parameters<GuardedFetch>[0]) => {
    asked.push(given);
    return { status, text: JSON.stringify(answer), headers: {} };
  }) as unknown as GuardedFetch;
  const deps: OutsideDeps = { request, idempotencyKey: "i_1", signal: new AbortController().signal };
  return { asked, deps };
};

test("the page's book_slot books through the guarded fetch, with the key of the call and its signal", async () => {
  const { asked, deps } = answering({ slot: "monday/1" });
  expect(await bookSlot.run({ day: "monday" } as never, deps as never)).toEqual({ slot: "monday/1" });
  expect(asked).toMatchObject([{ method: "POST", headers: { "idempotency-key": "i_1" }, body: '{"day":"monday"}', signal: deps.signal }]);
  expect([bookSlot.timeoutMs, findSlots.timeoutMs]).toEqual([5_000, 15_000]);
  await expect(bookSlot.run({ day: "monday" } as never, answering({}, 500).deps as never)).rejects.toThrow("the workshop answered 500");
});

test("the page's find_slots looks up, and its open_claim opens a case under an id of the call's key", async () => {
  const { asked, deps } = answering({ days: ["monday"] });
  expect(await findSlots.run({ week: "23" } as never, deps as never)).toEqual({ days: ["monday"] });
  expect(asked).toMatchObject([{ method: "GET", url: "https://workshop.example/free?week=23" }]);
  const { changes, output } = openClaim.apply({ subject: "a dent" } as never, { key: "1", now: 7 } as RecordContext);
  expect([changes, output]).toEqual([
    [{ type: "case_opened", caseId: "claim-1", at: 7, data: { subject: "a dent" } }],
    { caseId: "claim-1" },
  ]);
});

test("the page's tools pass check, with their inputs and confirmation for an assistant", () => {
  const converse = (asks: string) =>
    `transactional: true\nconverse: {brief: Help., tools: {book_slot: {asks: {${asks}: it}}, open_claim: {asks: {subject: it}}, find_slots: {asks: {week: it}}}}`;
  const own = [...documented.values()];
  const inputs = new Map(own.map((tool) => [tool.name, tool]));
  const checked = checkTexts("", [converse("day")], { tools: own.map(({ name }) => name), inputs });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  expect(checked.policy.experiences[0]?.converse?.tools.map(({ name, confirm }) => [name, confirm !== undefined])).toEqual([
    ["book_slot", true],
    ["open_claim", false],
    ["find_slots", true],
  ]);
  const refused = checkTexts("", [converse("slot")], { tools: own.map(({ name }) => name), inputs });
  expect(refused.ok ? [] : refused.problems.map(({ message }) => message)).toContain(
    "slot of book_slot is fixed under with, and never asked",
  );
});

test("the page names each member of a tool and of its context", () => {
  // A member that is missing here does not compile.
  const members: Record<keyof WriteTool | keyof ReadTool | keyof RecordTool | keyof OutsideDeps | keyof RecordContext, true> = {
    ...{ name: true, description: true, effect: true, input: true, output: true, timeoutMs: true, run: true, apply: true },
    ...{ asks: true, confirm: true, staysWithCustomer: true, opensCase: true, aboveCeiling: true, idempotencyKey: true },
    ...{ signal: true, request: true, customer: true, golden: true, now: true, ceilings: true, seq: true, key: true },
  };
  expect(Object.keys(members).filter((member) => !new RegExp(`\`${member}\`|\\b${member}[:(,]`).test(section))).toEqual([]);
});
