import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "../testing/installed-package.ts";

// The result of `npm pack`, installed and used in a project.

const ROOT = join(import.meta.dirname, "..");
let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed.remove());

const { OTHER_NODE = "", PATH = "", HOME = "" } = process.env;
const nodes = [{ name: process.version, node: process.execPath }, ...(OTHER_NODE === "" ? [] : [{ name: OTHER_NODE, node: OTHER_NODE }])];
if (OTHER_NODE === "") test.skip("on another Node: OTHER_NODE, the path of its program, is not set", () => {});

/** Runs a program in the project and returns its standard output; fails if its exit status is not 0. */
const run = async (node: string, ...words: readonly string[]): Promise<string> =>
  (await promisify(execFile)(node, words, { cwd: installed.project, env: { PATH, HOME } })).stdout;

const write = (name: string, text: string): string => {
  writeFileSync(join(installed.project, name), text);
  return name;
};

describe("contents", () => {
  const PLACES =
    /^(LICENSE|README\.md|package\.json|cli\/sentient\.js|console\/dist\/(index\.html|assets\/[\w.-]+\.br)|dist\/.+\.(js|sql)|dist\/.+\.d\.ts|docs\/[a-z-]+\.md|examples\/.+\.(yaml|jsonl|liquid|md)|examples\/[a-z]+\/(tools|channels)\/.+\.ts|examples\/boutique\/site\/index\.html)$/;
  /** Folders that must not be in the package. */
  const OURS = /(^|\/)(testing|bench|\.ci|evals\/(agents|attacks|baselines|hours|intents|learning)|stand-ins)\//;

  test("built JavaScript, types, migrations, examples and pages, and nothing else", () => {
    expect(installed.files.filter((file) => !PLACES.test(file))).toEqual([]);
    expect(installed.files.filter((file) => /\.(test|contract|bench)\./.test(file) || OURS.test(file))).toEqual([]);
  });

  // What is packed by mistake is large. The bound grows with the code; it is a hundredth of what the dependencies take.
  test("at most 1.35 MB, and types only of the public interface", () => {
    expect(installed.size).toBeLessThan(1_350_000);
    const types = installed.files.filter((file) => file.endsWith(".d.ts"));
    expect(types).toContain("dist/index.d.ts");
    expect(types.filter((file) => /^dist\/(cli|server|store|queue|graphs)\//.test(file))).toEqual([]);
  });

  test("the console is in it, built, and no source of it", () => {
    expect(installed.files).toContain("console/dist/index.html");
    expect(installed.files.some((file) => /^console\/dist\/assets\/index-.+\.js\.br$/.test(file))).toBe(true);
    expect(installed.files.filter((file) => /^(dist\/)?console\//.test(file) && !file.startsWith("console/dist/"))).toEqual([]);
  });

  test("complete: every module loads with the package's dependencies, and all migrations and examples are included", async () => {
    const modules = installed.files.filter((file) => /^dist\/.+\.js$/.test(file));
    expect(modules.length).toBeGreaterThan(200);
    const load = write("load.js", `for (const file of ${JSON.stringify(modules)}) await import("./node_modules/sentient/" + file);`);
    expect(await run(process.execPath, load)).toBe("");
    const kept = execFileSync("git", ["ls-files", "*.sql", "examples"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
    const packed = new Set(installed.files.map((file) => file.replace(/^dist\/(.+\.sql)$/, "$1")));
    expect(kept.filter((file) => !packed.has(file))).toEqual(kept.filter((file) => /^examples\/chain\/(play|stand-ins)/.test(file)));
  });
});

const JAVASCRIPT = `
import { createScriptedModel, defineTool, SentientError } from "sentient";
import { z } from "zod";
const tool = defineTool({
  name: "get_order", description: "Looks up an order.", effect: "read",
  input: z.object({ id: z.string() }), output: z.object({ total: z.number() }), run: async () => ({ total: 3 }),
});
console.log(JSON.stringify([tool.name, tool.timeoutMs, createScriptedModel([]).name, new SentientError("NOT_FOUND", "x").code]));
`;

/** The one example of a page, and what the page says that it prints. */
function exampleOf(page: string): { readonly code: string; readonly prints: string } {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  const blocks = (kind: string): string[] =>
    [...text.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, "gs"))].map(([, body = ""]) => body);
  const [[code = "", ...others], [prints = ""]] = [blocks("js"), blocks("text")];
  if (code === "" || others.length > 0) throw new Error(`expected one block of JavaScript in docs/${page}`);
  return { code, prints };
}

const TYPESCRIPT = `
import { createRuntime, createScriptedModel, type Decision, defineChannel, defineTool, type Model, type OutsideDeps, type Runtime, SentientError } from "sentient";
import { z } from "zod";
export const bookSlot = defineTool({
  name: "book_slot", description: "Books a slot.", effect: "write",
  input: z.strictObject({ day: z.string() }), output: z.object({ slot: z.string() }),
  idempotencyKey: ({ day }) => day,
  async run({ day }, { request, signal }: OutsideDeps) {
    const { status, text } = await request({ method: "POST", url: "https://workshop.example/slots", body: day, signal });
    if (status >= 300) throw new SentientError("UPSTREAM_FAILED", String(status));
    return { slot: text };
  },
});
export const model: Model = createScriptedModel([{ prompt: "judge-criteria", says: { verdicts: [] } }]);
export const pager = defineChannel({
  kind: "pager", options: z.object({ url: z.url() }), content: z.object({ text: z.string() }),
  connect: async ({ url }) => ({ send: async ({ to, content }) => ({ providerId: [url, to, content.text].join() }) }),
});
export async function decide(runtime: Runtime): Promise<readonly Decision[]> {
  await runtime.send({ specversion: "1.0", id: "1", source: "till", type: "order.placed", subject: "ines" });
  return runtime.decisions({ customerId: "ines" });
}
export const open = (): Promise<Runtime> => createRuntime({ workspace: "my-company", model, now: () => 0 });
`;

describe.each(nodes)("on Node $name", ({ name, node }) => {
  const workspace = `of-${basename(name)}`;

  test("a file of one's own imports it", async () => {
    expect(JSON.parse(await run(node, write("own.js", JAVASCRIPT)))).toEqual(["get_order", 15_000, "scripted", "NOT_FOUND"]);
  });

  test("sentient init and check work, and a workspace's own tools import it", async () => {
    await run(node, installed.command, "init", workspace);
    await run(node, installed.command, "check", workspace);
    expect(await run(node, installed.command, "check", join("node_modules", "sentient", "examples", "chain"))).toContain("is sound");
    expect(await run(node, installed.command, "--version")).toBe(
      `${JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version}\n`,
    );
  });

  test("the example of docs/embedding.md embeds a workspace and prints what the page says", async () => {
    const { code, prints } = exampleOf("embedding.md");
    const folder = `embedding-${basename(name)}`;
    await run(node, installed.command, "init", folder);
    expect(await run(node, write(`${folder}.js`, code.replaceAll("my-company", folder)))).toBe(prints);
  });

  test("sentient demo works", async () => {
    expect(await run(node, installed.command, "demo")).toContain("node_modules/sentient/examples/dealership");
  });

  test("sentient serve listens and serves the console until it is stopped", async () => {
    const environment = {
      PATH,
      HOME,
      SENTIENT_WRITE_KEYS: "write-key-of-a-test",
      SENTIENT_OPERATOR_KEYS: "operator-key-of-a-test",
      SMTP_URL: "smtp://127.0.0.1:9",
    };
    const words = ["serve", workspace, "--port", "0", "--data", join(workspace, ".sentient")];
    const child = spawn(node, [installed.command, ...words], {
      cwd: installed.project,
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const lines: string[] = [];
    const pages: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      const url = /"listening".*"url":"([^"]+)"/.exec(line)?.[1];
      if (url === undefined) continue;
      pages.push(await (await fetch(`${url}/console`)).text());
      child.kill("SIGINT");
    }
    if (child.exitCode === null) await once(child, "close");
    expect(pages).toEqual([expect.stringContaining('<div id="root">')]);
    expect([child.exitCode, lines.join("\n")]).toEqual([130, expect.stringContaining('"stopped"')]);
  });
});

test.each([
  { title: "and checks our declarations too", compiler: { exactOptionalPropertyTypes: true, skipLibCheck: false } },
  { title: "without exact optional properties", compiler: { exactOptionalPropertyTypes: false, skipLibCheck: true } },
])("a strict compiler accepts a file of one's own, $title", async ({ compiler }) => {
  write("own.ts", TYPESCRIPT);
  write("example.ts", exampleOf("embedding.md").code);
  const compilerOptions = {
    ...{
      module: "nodenext",
      target: "es2022",
      lib: ["es2022"],
      strict: true,
      noUncheckedIndexedAccess: true,
      types: ["node"],
      noEmit: true,
    },
    ...compiler,
  };
  write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["own.ts", "example.ts"] }));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  expect(await run(process.execPath, tsc, "-p", ".").catch(({ stdout }: { stdout: string }) => stdout)).toBe("");
});
