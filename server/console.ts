import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { Context, Hono } from "hono";
import { siteOf } from "./access/site.ts";
import { problem } from "./problem.ts";
import { responseOf } from "./reply.ts";

/** Stands in `index.html` for the path of the console. */
const BASE = "__SENTIENT_BASE__";

interface File {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Precompressed, by encoding, the smallest first. */
  readonly encoded: readonly (readonly [encoding: string, body: Buffer])[];
}

/** The built console in memory: nothing is read or written while it is served. */
export interface ConsoleFiles {
  readonly index: string;
  /** By path below `/console/`. */
  readonly files: ReadonlyMap<string, File>;
}

/**
 * Reads the built console; undefined where it is not built. While it is built anew, the page is replaced after the files that it names and
 * before those that it no longer names: what was read belongs together if the page is still the same afterwards.
 */
export function readConsole(dir: string): ConsoleFiles | undefined {
  const page = (): string | undefined => textOf(join(dir, "index.html"));
  const index = page();
  if (index === undefined) return undefined;
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const contents = new Map(names.flatMap((name) => entryOf(dir, name)));
  return page() === index ? { index, files: filesOf(withOriginals(contents)) } : readConsole(dir);
}

/** Headers of everything below `/console`: nothing but our own files runs, and no other page embeds it. */
export const CONSOLE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "frame-src 'self'"],
    ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"],
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export interface ConsoleOptions {
  /** Undefined where it is not built: then a page says how. */
  readonly files: ConsoleFiles | undefined;
  readonly publicUrl: string | undefined;
}

/** Serves the console below `/console`, and leads browsers there. */
export function addConsole(app: Hono, { files, publicUrl }: ConsoleOptions): void {
  const baseOf = (context: Context): string => `${prefixOf(context.req.header("host"), publicUrl)}/console`;
  const give = (context: Context): Response => {
    const path = pathBelow(new URL(context.req.url).pathname);
    if (files === undefined) return page(UNBUILT, 503);
    const file = files.files.get(path);
    if (file) return fileAnswer(file, path, context);
    if (path.startsWith("assets/"))
      return responseOf(problem("NOT_FOUND", "no such file of the console; after an update, load the page again"));
    return page(files.index.replaceAll(BASE, baseOf(context)));
  };
  app.get("/", (context) =>
    (context.req.header("accept") ?? "").includes("text/html")
      ? new Response(null, { status: 302, headers: { location: baseOf(context), "cache-control": "no-store" } })
      : responseOf(problem("NOT_FOUND", "nothing is at GET /")),
  );
  for (const path of ["/console", "/console/*"]) {
    app.use(path, async (context, next) => {
      await next();
      for (const [name, value] of Object.entries(CONSOLE_HEADERS)) context.header(name, value);
    });
    app.get(path, give);
  }
}

// --- internal ---

/** The text of a file; undefined where there is none. */
function textOf(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, "utf8") : undefined;
}

/** A file with its path; nothing for a folder, or for a file that has just been removed. */
function entryOf(dir: string, name: string): [path: string, body: Buffer][] {
  const path = join(dir, name);
  try {
    return statSync(path).isFile() ? [[relative(dir, path).split(sep).join("/"), readFileSync(path)]] : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** What is served, each with its precompressed copies. */
function filesOf(contents: ReadonlyMap<string, Buffer>): ReadonlyMap<string, File> {
  const files = [...contents].flatMap(([path, body]): [string, File][] => {
    if (path === "index.html" || /\.(?:br|gz)$/.test(path)) return [];
    const encoded = ENCODINGS.flatMap(([encoding, ending]) => {
      const smaller = contents.get(`${path}.${ending}`);
      return smaller ? [[encoding, smaller] as const] : [];
    });
    return [[path, { type: TYPES[extname(path)] ?? "application/octet-stream", etag: etagOf(body), body, encoded }]];
  });
  return new Map(files);
}

/** The package has each file in its smallest form alone. */
function withOriginals(contents: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const originals = [...contents].flatMap(([path, body]): [string, Buffer][] => {
    const original = path.replace(/\.br$/, "");
    return original === path || contents.has(original) ? [] : [[original, brotliDecompressSync(body)]];
  });
  return new Map([...contents, ...originals]);
}

const ENCODINGS = [
  ["br", "br"],
  ["gzip", "gz"],
] as const;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

const etagOf = (body: Buffer): string => `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;

const pathBelow = (path: string): string => path.replace(/^\/console\/?/, "");

/** The path before `/console` behind a proxy, where the browser asks at the public address. */
function prefixOf(host: string | undefined, publicUrl: string | undefined): string {
  if (publicUrl === undefined || siteOf(host, publicUrl)?.origin !== new URL(publicUrl).origin) return "";
  const { pathname } = new URL(publicUrl);
  // It stands in HTML.
  return /^[\w/.~%-]*$/.test(pathname) ? pathname.replace(/\/+$/, "") : "";
}

function fileAnswer({ type, etag, body, encoded }: File, path: string, { req }: Context): Response {
  const accepted = (req.header("accept-encoding") ?? "").split(",").map((one) => one.trim().split(";")[0]);
  const [encoding, smallest] = encoded.find(([name]) => accepted.includes(name)) ?? [undefined, body];
  const headers: Record<string, string> = {
    ...{ "content-type": type, etag, vary: "accept-encoding" },
    // Names of assets have a hash of their content.
    "cache-control": path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (req.header("if-none-match")?.split(/,\s*/).includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(smallest), {
    headers: { ...headers, "content-length": String(smallest.length), ...(encoding === undefined ? {} : { "content-encoding": encoding }) },
  });
}

const page = (html: string, status = 200): Response =>
  new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });

const UNBUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sentient</title>
<h1>The console is not built</h1>
<p>In the folder of the sources: <code>npm install</code>, then <code>npm run console</code>, and start the server again.</p>
<p>Everything it shows is also in the command line: <code>npx sentient --help</code></p>`;
