import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import { type ErrorCode, SentientError } from "../../domain/errors.ts";
import { MINUTE } from "../../domain/values/time.ts";
import type { Assess, Found } from "../../operations/proposals/assessment.ts";
import type { openKept } from "../../runtime/open-workspace.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { type PackedFiles, packFiles } from "../../workspace/versions/version-files.ts";
import { saidApart } from "./said-apart.ts";

/** Code that was kept with a version. */
export type KeptCode = Parameters<typeof openKept>[0];

/** What the process that assesses reads. */
export interface ToAssess {
  readonly files: PackedFiles;
  /** Code that was kept with the version; without it, the code of the folder. */
  readonly bundles?: KeptCode | undefined;
}

/** What it writes: one line. */
export type Assessed = { readonly found: Found } | { readonly code: ErrorCode; readonly message: string };

export interface Apart {
  /** The folder of the workspace. */
  readonly dir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The code kept with a version, where that is run here. */
  readonly bundlesOf?: ((files: WorkspaceFiles) => Promise<KeptCode | undefined>) | undefined;
  /** Default: five minutes. */
  readonly limitMs?: number;
  /** The most memory of its heap in MB. Default: 1,024. */
  readonly memoryMb?: number;
}

/**
 * Assesses in a process of its own, one at a time: golden decisions take all the time of a processor, and a server answers meanwhile.
 *
 * @returns rejects with `OVERLOADED` where too many wait, `BAD_INPUT` where it takes too long, `TOO_LARGE` where it needs too much memory
 */
export function assessingApart({ limitMs = 5 * MINUTE, memoryMb = 1_024, ...apart }: Apart): Assess {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (files) => {
    if (waiting >= MOST_WAITING)
      throw new SentientError("OVERLOADED", `${waiting} proposals are being checked, one after the other; try again in a minute`);
    waiting++;
    const before = last;
    const mine = before.then(() => assessOne(files, { ...apart, limitMs, memoryMb })).finally(() => waiting--);
    last = mine.catch(() => {});
    return mine;
  };
}

/** Keys of the server are for its own door; variables of the workspace are passed on. */
export const withoutKeys = (environment: Apart["environment"]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^SENTIENT_.*(KEYS|SECRET)$/.test(name)));

// --- internal ---

const MOST_WAITING = 8;

async function assessOne(
  files: WorkspaceFiles,
  { dir, environment, bundlesOf, limitMs, memoryMb }: Apart & { readonly limitMs: number; readonly memoryMb: number },
): Promise<Found> {
  const given: ToAssess = { files: packFiles(files), bundles: await bundlesOf?.(files) };
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryMb}`, join(packageRoot, "cli", "sentient.js"), "assess", "--workspace", dir],
    {
      env: withoutKeys(environment),
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limitMs);
  const out: Buffer[] = [];
  const said = saidApart(child.stderr);
  child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
  // One that ends before it has read everything says why.
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(given));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? ""));
  }).finally(() => clearTimeout(timer));
  if (isLate)
    throw new SentientError(
      "BAD_INPUT",
      `the golden decisions of the version with it take longer than ${Math.round(limitMs / 1_000)} s; make them smaller`,
    );
  const answer = answerIn(Buffer.concat(out).toString("utf8"));
  if (!answer && said.hasNoMemory())
    throw new SentientError(
      "TOO_LARGE",
      `the golden decisions of the version with it need more memory than ${memoryMb} MB; make them smaller`,
    );
  if (!answer) throw new Error(`the process that checks what is proposed ended with ${status}: ${said.end()}`);
  if ("found" in answer) return answer.found;
  throw new SentientError(answer.code, answer.message, { isList: true });
}

function answerIn(text: string): Assessed | undefined {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Assessed) : undefined;
}
