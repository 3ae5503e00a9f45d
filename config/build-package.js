// Builds dist/ for the npm package: JavaScript and types of index.ts and of the command line. `npm pack` runs it; a clone needs no build.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { transformSync } from "esbuild";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** A relative path that a module imports, statically or on demand. */
const RELATIVE = /(?<=from |import\()"(\.{1,2}\/[^"]+\.ts)"/g;

rmSync(dist, { recursive: true, force: true });
// Types are not checked here: `npm run types` does that, and it would take most of the time.
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", join(import.meta.dirname, "tsconfig.package.json")], { stdio: "inherit" });
copyMigrations();
keepPublicTypes();
leaveOutComments();

// --- internal ---

/** Copies the migrations, which the store reads from beside its code; the compiler copies no SQL. */
function copyMigrations() {
  const isWanted = (/** @type {string} */ path) => statSync(path).isDirectory() || path.endsWith(".sql");
  cpSync(join(root, "store"), join(dist, "store"), { recursive: true, filter: isWanted });
}

/**
 * Removes the declarations that index.d.ts does not reach: they describe internals, and a consumer's compiler need not accept the
 * types of our libraries. In the others it replaces `.ts` in import paths, which the compiler leaves, by `.js`.
 */
function keepPublicTypes() {
  const reached = new Set([join(dist, "index.d.ts")]);
  for (const file of reached) {
    const text = readFileSync(file, "utf8");
    for (const [, path = ""] of text.matchAll(RELATIVE)) reached.add(resolve(file, "..", path.replace(/\.ts$/, ".d.ts")));
    writeFileSync(
      file,
      text.replaceAll(RELATIVE, (found) => found.replace(/\.ts"$/, '.js"')),
    );
  }
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
    if (!reached.has(join(dist, path))) rmSync(join(dist, path));
  }
}

/**
 * Comments and indentation are a fifth of the package, and the types of the public interface keep theirs. Lines stay short, so that a stack
 * trace leads to a place.
 */
function leaveOutComments() {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".js"))) {
    const path = join(dist, name);
    const options = /** @type {const} */ ({
      format: "esm",
      target: "esnext",
      legalComments: "none",
      minifyWhitespace: true,
      lineLimit: 120,
    });
    writeFileSync(path, transformSync(readFileSync(path, "utf8"), options).code);
  }
}
