// Builds console/dist, the pages that the server delivers, where the tools for that are installed: in a clone, not where the package is used.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const vite = viteHere();
// Whatever NODE_ENV says around it: with another value React's code for development would be built in.
const env = { ...process.env, NODE_ENV: "production" };
if (vite)
  execFileSync(process.execPath, [vite, "build", "console", "--logLevel", "warn"], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });

// --- internal ---

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
