import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** What every TypeScript project for Node has. */
const TYPES_OF_NODE = ["@types/node", "undici-types"];

/** The npm package, unpacked into a project of its own. */
export interface InstalledPackage {
  /** A project with nothing in it but this package and what it depends on. */
  readonly project: string;
  /** The command line, to be run with a Node of choice. */
  readonly command: string;
  /** Bytes of the tarball, and the paths of what is in it, sorted. */
  readonly size: number;
  readonly files: readonly string[];
  remove(): void;
}

/**
 * Packs this clone as `npm pack` does, and puts the package into a new project. Its dependencies are the clone's, so that no registry is
 * asked; packages that only development needs are not there.
 */
export function installPackage(): InstalledPackage {
  const project = mkdtempSync(join(tmpdir(), "sentient-package-"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // What the scripts of the package print comes before the JSON.
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
  // The prepared store of the clone: to prepare one takes longer than everything else here.
  symlinkSync(join(ROOT, "node_modules", ".cache"), join(project, "node_modules", ".cache"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  return {
    ...{ project, command: join(folder, "cli", "sentient.js"), size, files: files.map(({ path }) => path).sort() },
    remove: () => rmSync(project, { recursive: true, force: true }),
  };
}

// --- internal ---

/** Names of the packages at the top of `node_modules` that the lock file does not mark as needed for development only. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { dev?: boolean }>>;
  };
  return Object.entries(packages).flatMap(([path, { dev = false }]) => {
    const name = path.replace(/^node_modules\//, "");
    // Those for other machines are in the lock file only.
    return path === "" || dev || name.includes("/node_modules/") || !existsSync(join(ROOT, path)) ? [] : [name];
  });
}
