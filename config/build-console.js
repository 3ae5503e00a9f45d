// Builds console/dist, the pages that the server delivers, where the tools for that are installed: in a clone, not where the package is used.
// `node config/build-console.js [FOLDER]`: into another folder.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = resolve(process.argv[2] ?? join(root, "console", "dist"));
const vite = viteHere();
if (vite) build(vite);

// --- internal ---

/**
 * Builds into a folder beside it and puts each file in its place. Files have the hash of their content in their names, so a server that
 * starts meanwhile finds every file of the old build or of the new one.
 * @param {string} program
 */
function build(program) {
  const next = mkdtempSync(`${dist}-`);
  try {
    execFileSync(process.execPath, [program, "build", "console", "--outDir", next, "--emptyOutDir", "--logLevel", "warn"], {
      cwd: root,
      // Whatever NODE_ENV says around it: with another value React's code for development would be built in.
      env: { ...process.env, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    putInPlace(next);
  } finally {
    rmSync(next, { recursive: true });
  }
}

/**
 * The page that names the others comes after them, and what no page names any more goes last.
 * @param {string} next
 */
function putInPlace(next) {
  const built = filesIn(next).sort((a, b) => Number(a === "index.html") - Number(b === "index.html"));
  for (const file of built) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(next, file), join(dist, file));
  }
  for (const file of filesIn(dist)) if (!built.includes(file)) rmSync(join(dist, file), { force: true });
}

/**
 * Paths of the files below a folder.
 * @param {string} folder
 */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file), { throwIfNoEntry: false })?.isFile(),
  );
}

/** The program of Vite; undefined where it, or what it needs for the console, is not installed. */
function viteHere() {
  const { resolve } = createRequire(import.meta.url);
  try {
    resolve("@vitejs/plugin-react");
    return join(dirname(resolve("vite/package.json")), "bin", "vite.js");
  } catch {
    return undefined;
  }
}
