import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** Type packages that every TypeScript project for Node has. */
const TYPES_OF_NODE = ["@types/node", "undici-types"];

/** The npm package, installed in its own project. */
export interface InstalledPackage {
  /** A project that contains only this package and its dependencies. */
  readonly project: string;
  /** Path of the command line, to run with any Node. */
  readonly command: string;
  /** Bytes of the tarball, and the sorted paths of its files. */
  readonly size: number;
  readonly files: readonly string[];
  remove(): void;
}

/**
 * Packs this clone as `npm pack` does and installs the package in a new project. Dependencies come from the clone, so that no registry is
 * needed; development dependencies are absent.
 */
export function installPackage(): InstalledPackage {
  const project = mkdtempSync(join(tmpdir(), "sentient-package-"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // The output of package scripts precedes the JSON.
  const [{ filename, size, files }] = JSON.parse(packed.slice(packed.indexOf("[\n"))) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  const folder = join(project, "node_modules", "sentient");
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", join(project, filename), "-C", folder, "--strip-components=1"]);
  rmSync(join(project, filename));
  for (const name of [...productionPackages(), ...TYPES_OF_NODE]) {
    mkdirSync(dirname(join(project, "node_modules", name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
  // Shares the clone's prepared store: preparing one takes longer than everything else here.
  symlinkSync(join(ROOT, "node_modules", ".cache"), join(project, "node_modules", ".cache"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  return {
    ...{ project, command: join(folder, "cli", "sentient.js"), size, files: files.map(({ path }) => path).sort() },
    remove: () => rmSync(project, { recursive: true, force: true }),
  };
}

// --- internal ---

/** Names of the top-level packages in `node_modules` that the lock file does not mark as development-only. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { dev?: boolean }>>;
  };
  return Object.entries(packages).flatMap(([path, { dev = false }]) => {
    const name = path.replace(/^node_modules\//, "");
    // Packages of other platforms are in the lock file only.
    return path === "" || dev || name.includes("/node_modules/") || !existsSync(join(ROOT, path)) ? [] : [name];
  });
}
