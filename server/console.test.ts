import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { Hono } from "hono";
import { afterAll, describe, expect, test } from "vitest";
import { addConsole, CONSOLE_HEADERS, readConsole } from "./console.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-console-"));
const dir = join(root, "dist");
const SCRIPT = "console.log('the console')";
mkdirSync(join(dir, "assets"), { recursive: true });
writeFileSync(
  join(dir, "index.html"),
  '<meta name="base" content="__SENTIENT_BASE__"><script src="__SENTIENT_BASE__/assets/main-1a2b.js"></script>',
);
writeFileSync(join(dir, "assets", "main-1a2b.js"), SCRIPT);
writeFileSync(join(dir, "assets", "main-1a2b.js.br"), brotliCompressSync(SCRIPT));
writeFileSync(join(dir, "assets", "main-1a2b.js.gz"), gzipSync(SCRIPT));
writeFileSync(join(dir, "assets", "icon-3c4d.svg"), "<svg/>");
writeFileSync(join(dir, "assets", "page-5e6f.js.br"), brotliCompressSync(SCRIPT));
writeFileSync(join(dir, "..", "outside.txt"), "outside");
afterAll(() => rmSync(root, { recursive: true, force: true }));

const appOf = (files = readConsole(dir), publicUrl?: string): Hono => {
  const app = new Hono();
  addConsole(app, { files, publicUrl });
  return app;
};
const app = appOf();
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET", on = app) =>
  on.request(path, { method, headers: { host: "127.0.0.1:3000", ...headers } });

const PAGES = [
  "/console",
  "/console/",
  "/console/decisions",
  "/console/customers/c-1/story",
  "/console/decisions/%3Cscript%3E",
  "/console/why?x=1",
];

test.each(PAGES)("%s is the page, which is never kept", async (path) => {
  const response = await ask(path);
  expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
    200,
    "text/html; charset=utf-8",
    "no-store",
  ]);
  expect(await response.text()).toBe('<meta name="base" content="/console"><script src="/console/assets/main-1a2b.js"></script>');
});

test("a built file is kept for ever under its hash, and asked for again by its tag", async () => {
  const response = await ask("/console/assets/main-1a2b.js");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "content-length": String(SCRIPT.length),
    etag: expect.stringMatching(/^"[\w-]{22}"$/),
    vary: "accept-encoding",
  });
  expect(await response.text()).toBe(SCRIPT);
  const again = await ask("/console/assets/main-1a2b.js", { "if-none-match": `"x", ${response.headers.get("etag")}` });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await ask("/console/assets/main-1a2b.js", { "if-none-match": '"x"' })).status).toBe(200);
});

test.each([
  ["br", "gzip, deflate, br, zstd", brotliDecompressSync],
  ["gzip", "gzip;q=1.0, deflate", gunzipSync],
  [null, "identity", (body: Buffer) => body],
  [null, "", (body: Buffer) => body],
])("encoded as %s for a browser that takes %j", async (encoding, accepts, decode) => {
  const response = await ask("/console/assets/main-1a2b.js", { "accept-encoding": accepts });
  expect(response.headers.get("content-encoding")).toBe(encoding);
  const body = Buffer.from(await response.arrayBuffer());
  expect([decode(body).toString(), response.headers.get("content-length")]).toEqual([SCRIPT, String(body.length)]);
});

test.each(["br", "gzip", ""])("a file that is there in its smallest form alone, for a browser that takes %j", async (accepts) => {
  const response = await ask("/console/assets/page-5e6f.js", { "accept-encoding": accepts });
  const body = Buffer.from(await response.arrayBuffer());
  expect([response.headers.get("content-encoding"), response.headers.get("content-type")]).toEqual([
    accepts === "br" ? "br" : null,
    "text/javascript; charset=utf-8",
  ]);
  expect((accepts === "br" ? brotliDecompressSync(body) : body).toString()).toBe(SCRIPT);
});

test("a file without smaller copies goes as it is", async () => {
  const response = await ask("/console/assets/icon-3c4d.svg", { "accept-encoding": "br" });
  expect([response.headers.get("content-encoding"), response.headers.get("content-type"), await response.text()]).toEqual([
    null,
    "image/svg+xml",
    "<svg/>",
  ]);
});

test.each([
  "/console/assets/none.js",
  "/console/assets/",
  "/console/assets/main-1a2b.js.map",
  "/console/assets/main-1a2b.js.br",
  "/console/assets/..%2f..%2foutside.txt",
  "/console/assets/%2e%2e/%2e%2e/outside.txt",
  "/console/assets/..%5c..%5coutside.txt",
  "/console/assets/%00",
  "/console/assets//etc/passwd",
  "/console/assets/__proto__",
])("%s is no file of the console", async (path) => {
  const response = await ask(path);
  const text = await response.text();
  // A path that leads out of assets is a page or nothing, and never a file.
  expect([200, 404]).toContain(response.status);
  expect(text).not.toContain("outside");
  expect(text).not.toContain(SCRIPT);
  if (response.status === 200) expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
});

describe("every answer below /console", () => {
  test.each(
    [...PAGES, "/console/assets/main-1a2b.js", "/console/assets/none.js"].flatMap((path) =>
      ["GET", "HEAD", "OPTIONS", "POST"].map((method) => [method, path] as const),
    ),
  )("%s %s has the headers that keep scripts and other sites out", async (method, path) => {
    const response = await ask(path, {}, method);
    expect(Object.fromEntries(response.headers)).toMatchObject(CONSOLE_HEADERS);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control") || name === "set-cookie")).toEqual([]);
    if (method === "HEAD") expect(await response.text()).toBe("");
    if (method === "OPTIONS" || method === "POST") expect(response.status).toBe(404);
  });

  test("the policy is the one that the pages are tested with", () => {
    expect(CONSOLE_HEADERS["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; " +
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
  });
});

test.each([
  ["care.example.com", "https://care.example.com/sentient/", "/sentient/console"],
  ["care.example.com", "https://care.example.com", "/console"],
  ["127.0.0.1:3000", "https://care.example.com/sentient", "/console"],
  ["evil.example", "https://care.example.com/sentient", "/console"],
  ["care.example.com", 'https://care.example.com/"><script>', "/%22%3E%3Cscript%3E/console"],
])("at %s with the public address %s the console is at %s", async (host, publicUrl, base) => {
  const on = appOf(readConsole(dir), publicUrl);
  expect(await (await ask("/console", { host }, "GET", on)).text()).toContain(`content="${base}"`);
  const root = await ask("/", { host, accept: "text/html,*/*" }, "GET", on);
  expect([root.status, root.headers.get("location")]).toEqual([302, base]);
});

test("/ leads browsers to the console, and nothing else", async () => {
  expect((await ask("/", { accept: "application/json" })).status).toBe(404);
  expect((await ask("/", {})).status).toBe(404);
});

test("where it is not built a page says how, under the same headers", async () => {
  expect(readConsole(join(dir, "none"))).toBeUndefined();
  const on = new Hono();
  addConsole(on, { files: undefined, publicUrl: undefined });
  const response = await ask("/console", {}, "GET", on);
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("npm run console")]);
  expect(Object.fromEntries(response.headers)).toMatchObject(CONSOLE_HEADERS);
});
