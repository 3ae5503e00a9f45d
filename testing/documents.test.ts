import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** Above this number of sources a folder is hard to survey. */
const MAX_SOURCES = 25;

interface Row {
  readonly folder: string;
  readonly mayImport: string;
  readonly readFirst: string;
}

function tableOfLayers(): Row[] {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const table = text.slice(text.indexOf("<!-- layers -->"), text.indexOf("<!-- /layers -->"));
  return [...table.matchAll(/^\| ([\w/*-]+) \| .+? \| (.*?) ?\| `(.+)` \|$/gm)].map(([, folder = "", mayImport = "", readFirst = ""]) => ({
    folder,
    mayImport,
    readFirst,
  }));
}

/** Sources by folder, without tests, generated and hidden folders. */
function sourcesByFolder(folder = ""): Map<string, number> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const sources = entries.filter(
    (entry) => entry.isFile() && /\.([jt]s|tsx)$/.test(entry.name) && !/\.(test|config)\.tsx?$/.test(entry.name),
  );
  const inner = entries.filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|coverage$|dist$)/.test(entry.name));
  return new Map([
    ...(sources.length > 0 && folder !== "" ? [[folder, sources.length] as const] : []),
    ...inner.flatMap((entry) => [...sourcesByFolder(join(folder, entry.name))]),
  ]);
}

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);

test("the layer table of ARCHITECTURE.md states the enforced rules", () => {
  const { forbidden }: { forbidden: readonly { name: string; comment?: string; to: { pathNot?: string[] } }[] } = createRequire(
    import.meta.url,
  )(join(root, ".dependency-cruiser.cjs"));
  const pure = forbidden.find(({ name }) => name === "domain-is-pure")?.to.pathNot ?? [];
  const isLibrary = (name: string): boolean => pure.some((pattern) => new RegExp(pattern).test(`node_modules/${name}/`));
  const foldersIn = (list: string): string[] => (list === "nothing of ours" ? [] : list.split(", ").filter((one) => !isLibrary(one)));
  const written = tableOfLayers()
    .filter(({ mayImport }) => mayImport !== "" && mayImport !== "everything")
    .map(({ folder, mayImport }) => [folder, foldersIn(mayImport)]);
  const enforced = forbidden
    .filter(({ name }) => name.startsWith("layer-"))
    .map(({ name, comment = "" }) => [name.slice("layer-".length), foldersIn(comment.split("may import ")[1] ?? "")]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(enforced));
});

test("every folder with sources has a row in the layer table, and every row an existing folder and file to read first", () => {
  const folders = [...sourcesByFolder().keys()];
  const rows = tableOfLayers();
  const isNamed = (folder: string): boolean =>
    rows.some((row) => row.folder === folder || (row.folder.endsWith("/*") && folder.startsWith(row.folder.slice(0, -1))));
  expect(folders.filter((folder) => !isNamed(folder))).toEqual([]);
  expect(
    rows.filter(({ folder }) => !folders.some((one) => (folder.endsWith("/*") ? one.startsWith(folder.slice(0, -1)) : one === folder))),
  ).toEqual([]);
  expect(rows.filter(({ readFirst }) => !existsSync(join(root, readFirst)))).toEqual([]);
});

test(`no folder holds more than ${MAX_SOURCES} sources`, () => {
  const full = [...sourcesByFolder()].filter(([, count]) => count > MAX_SOURCES);
  expect(full).toEqual([]);
});

test("imports form no cycle, neither of values nor of types", () => {
  const { forbidden }: { forbidden: readonly { name: string; severity: string; from: object; to: object }[] } = createRequire(
    import.meta.url,
  )(join(root, ".dependency-cruiser.cjs"));
  expect(forbidden.find(({ name }) => name === "no-circles")).toMatchObject({ severity: "error", from: {}, to: { circular: true } });
});

test("every term of the glossary is explained once, with an existing file and name", () => {
  const text = readFileSync(join(root, "docs", "glossary.md"), "utf8");
  const rows = [...text.matchAll(/^\| (?!word \|)([^|]+) \| (.+) \| (.+) \|$/gm)].filter(([line]) => !line.startsWith("|---"));
  const terms = rows.map(([, term = ""]) => term);
  expect(terms.length).toBeGreaterThan(60);
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
  const missing = rows.filter(([, , , place = ""]) => {
    const [, file = "", name = ""] = /^`([^`]+)`(?: `([^`]+)`)?$/.exec(place) ?? [];
    return !existsSync(join(root, file)) || !new RegExp(`\\b${name}\\b`).test(readFileSync(join(root, file), "utf8"));
  });
  expect(missing.map(([line]) => line)).toEqual([]);
});

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test("every word of the product in the glossary links to an existing page and section", () => {
  const text = readFileSync(join(root, "docs", "glossary.md"), "utf8");
  const words = text.slice(0, text.indexOf("## What the code talks about"));
  const rows = [...words.matchAll(/^\| (?!word \|)([^|]+) \| (.+) \| `.+ \|$/gm)];
  expect(rows.length).toBeGreaterThan(50);
  const broken = rows.filter(([, , meaning = ""]) => {
    const [, page = "", section] = /\]\(([\w-]+\.md)(?:#([\w-]+))?\)$/.exec(meaning) ?? [];
    const path = join(root, "docs", page);
    if (page === "" || !existsSync(path)) return true;
    const sections = [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
    return section !== undefined && !sections.includes(section);
  });
  expect(broken.map(([, word]) => word)).toEqual([]);
});

test("every decision page is in the index with its title, and every missing number is explained there", () => {
  const dir = join(root, "docs", "decisions");
  const pages = readdirSync(dir).filter((name) => /^\d{4}-/.test(name));
  const index = readFileSync(join(dir, "README.md"), "utf8");
  const listed = [...index.matchAll(/^\| (\d+) \| \[(.+)\]\((.+)\) \| .+ \| .+ \|$/gm)].map(([, number, title, page]) => [
    page,
    `# ${number}. ${title}`,
  ]);
  expect(listed).toEqual(pages.map((page) => [page, readFileSync(join(dir, page), "utf8").split("\n")[0]]));
  expect(pages.map((page) => page.slice(0, 4))).toEqual(listed.map(([, title = ""]) => /\d+/.exec(title)?.[0]?.padStart(4, "0")));
  const numbers = pages.map((page) => Number(page.slice(0, 4)));
  const missing = Array.from({ length: Math.max(...numbers) }, (_, n) => n + 1).filter((number) => !numbers.includes(number));
  const listIn = (sentence: RegExp): readonly string[] => sentence.exec(index)?.[1]?.match(/\d+/g) ?? [];
  const without = listIn(/^Numbers (.+) have no page/m);
  expect(without.filter((number) => numbers.includes(Number(number)))).toEqual([]);
  const explained = [...without, ...listIn(/^Set aside for work under way: (.+)\.$/m)];
  expect(missing.map(String).filter((number) => !explained.includes(number))).toEqual([]);
});

test("every file of the product named in a document exists", () => {
  const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...markdownIn("docs"), ...markdownIn("docs/decisions")];
  const folders = new Set([...sourcesByFolder().keys()].map((folder) => folder.split("/")[0]));
  const named = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const paths = [...text.matchAll(/(?<![\w./-])([a-z-]+(?:\/[\w-]+)+\.(?:contract\.ts|test\.ts|int\.test\.ts|tsx|ts|js|sql|cjs))\b/g)];
    return paths.map(([, path = ""]) => ({ page, path }));
  });
  expect(named.length).toBeGreaterThan(100);
  // Names in capitals, and these, stand for files that the reader creates.
  const isOurs = ({ path }: { readonly path: string }) =>
    folders.has(path.split("/")[0]) && !["tools/verb-noun.ts", "tools/slots.ts", "channels/name.ts", "channels/pager.ts"].includes(path);
  expect(named.filter((one) => isOurs(one) && !existsSync(join(root, one.path)))).toEqual([]);
});

test("the path from POST to provider in ARCHITECTURE.md names both queues, in order, and only existing files", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const path = text.slice(text.indexOf("<!-- path -->"), text.indexOf("<!-- /path -->"));
  const files = [...path.matchAll(/[a-z-]+(?:\/[\w-]+)+\.ts/g)].map(([file]) => file);
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect([...path.matchAll(/queue \d/g)].map(([queue]) => queue)).toEqual(["queue 1", "queue 2"]);
});

test("every link from one document to another leads to an existing file and section", () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "console/README.md",
    ...markdownIn("docs"),
    ...markdownIn("docs/decisions"),
  ];
  const sections = new Map<string, readonly string[]>();
  const sectionsOf = (path: string): readonly string[] => {
    const known =
      sections.get(path) ?? [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
    sections.set(path, known);
    return known;
  };
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    return [...text.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^https?:/.test(link)) return [];
      const [file = "", section] = link.split("#");
      const path = file === "" ? join(root, page) : join(root, page, "..", file);
      const isThere = existsSync(path) && (section === undefined || sectionsOf(path).includes(section));
      return isThere ? [] : [`${page}: ${link}`];
    });
  });
  expect(broken).toEqual([]);
});

test("docs/console.md names every page of the console that a person goes to", () => {
  const routes = readFileSync(join(root, "console", "routes.tsx"), "utf8");
  const paths = [...routes.matchAll(/\bpath: "(\/[^"]*)"|\bpage\(\s*"(\/[^"]*)"/g)].map(([, a, b]) => a ?? b ?? "");
  const text = readFileSync(join(root, "docs", "console.md"), "utf8");
  const named = new Set([...text.matchAll(/`(\/[a-z]*)`/g)].map(([, path]) => path));
  expect(paths.length).toBeGreaterThan(1);
  expect(paths.filter((path) => !path.includes("$") && !named.has(path))).toEqual([]);
});
