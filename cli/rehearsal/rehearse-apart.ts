import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../../config/package-root.ts";
import { type ErrorCode, SentientError } from "../../domain/errors.ts";
import { HOUR, MINUTE } from "../../domain/values/time.ts";
import type { KeptRequest, RehearsalProgress } from "../../operations/rehearsals/views.ts";
import type { PlayedRehearsal, PlayOptions, PlayRehearsal } from "../../runtime/rehearsals/play-rehearsal.ts";
import type { RehearseOptions } from "../../runtime/rehearsing/rehearse.ts";
import type { PackedFiles } from "../../workspace/versions/version-files.ts";
import { type KeptCode, withoutKeys } from "../proposals/assess-apart.ts";
import { type SaidApart, saidApart } from "../proposals/said-apart.ts";

/** What the process that rehearses reads: one line. Its input ends when nobody waits for it any more. */
export interface ToRehearse {
  readonly request: KeptRequest;
  /** Of the side that is rehearsed, where it is no version of the store. */
  readonly files?: PackedFiles | undefined;
  /** A server, or a copy of the store that is its own. */
  readonly store: { readonly databaseUrl: string } | { readonly dataDir: string };
  /** Code that was kept with both versions; without it, the code of the folder. */
  readonly bundles?: { readonly against: KeptCode; readonly with: KeptCode } | undefined;
  readonly bounds: NonNullable<RehearseOptions["bounds"]>;
}

/** What it writes, each on a line: how far it is, and in the end what came of it. */
export type Said =
  | { readonly progress: RehearsalProgress }
  | { readonly played: PlayedRehearsal }
  | { readonly code: ErrorCode; readonly message: string };

export interface RehearseApart {
  /** The folder of the workspace. */
  readonly dir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The code kept with a version, where that is run here. */
  readonly bundlesOf?: ((policyVersion: string) => Promise<KeptCode | undefined>) | undefined;
  /** Default: four hours. */
  readonly limitMs?: number;
  /** The most memory of its heap in MB, besides that of its threads. Default: 2,048. */
  readonly memoryMb?: number;
}

/**
 * Rehearses in a process of its own, which is slower than others where processors are short. It reads the database by itself; a store that one
 * process alone may open is copied for it.
 */
export function rehearsingApart({ limitMs = 4 * HOUR, memoryMb = 2_048, ...apart }: RehearseApart): PlayRehearsal {
  const bounded = { ...apart, limitMs, memoryMb };
  return async (request, database, options) => {
    const { url } = database;
    const given = { request, files: options.files, bundles: await bundlesFor(request, apart), bounds: BOUNDS };
    if (url !== undefined) return played({ ...given, store: { databaseUrl: url } }, bounded, options);
    if (!database.copy) throw new SentientError("BAD_CONFIG", "a store in memory cannot be rehearsed on; give it a folder");
    options.onProgress({ part: "reading", done: 0, text: "the store is copied" });
    const copy = await database.copy();
    try {
      return await played({ ...given, store: { dataDir: copy.dataDir } }, bounded, options);
    } finally {
      await copy.remove();
    }
  };
}

// --- internal ---

/** Of its threads. */
const BOUNDS = { memoryMb: 1_024 };

async function bundlesFor(
  { against, with: other }: KeptRequest,
  { bundlesOf }: Pick<RehearseApart, "bundlesOf">,
): Promise<ToRehearse["bundles"]> {
  if (!bundlesOf) return undefined;
  const ofAgainst = (await bundlesOf(against)) ?? [];
  // A folder that is no version has none of its own: its tools are those that run here.
  return { against: ofAgainst, with: "folder" in other ? ofAgainst : ((await bundlesOf(other.version)) ?? []) };
}

async function played(
  given: ToRehearse,
  { dir, environment, limitMs, memoryMb }: RehearseApart & { readonly limitMs: number; readonly memoryMb: number },
  { signal, onProgress }: PlayOptions,
): Promise<PlayedRehearsal | undefined> {
  if (signal.aborted) return undefined;
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryMb}`, join(packageRoot, "cli", "sentient.js"), "rehearse-given", "--workspace", dir],
    { env: withoutKeys(environment), stdio: ["pipe", "pipe", "pipe"] },
  );
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, limitMs);
  try {
    const { last, status, said } = await answerOf(child, given, onProgress);
    if (signal.aborted) return undefined;
    if (isLate)
      throw new SentientError(
        "TOO_LARGE",
        `it takes longer than ${Math.round(limitMs / MINUTE)} minutes; rehearse fewer customers, days or paths`,
      );
    if (last && "played" in last) return last.played;
    // It was asked to stop, as everything that runs beside a server is when that is.
    if (last && "code" in last && last.code === "INTERRUPTED") return undefined;
    if (last && "code" in last) throw new SentientError(last.code, last.message);
    if (said.hasNoMemory()) throw new SentientError("TOO_LARGE", `it needs more memory than ${memoryMb} MB; rehearse fewer customers`);
    if (typeof status === "string") return undefined;
    throw new Error(`the process that rehearses ended with ${status}: ${said.end()}`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}

interface Answer {
  readonly last: Said | undefined;
  /** Its exit status, or the signal that killed it. */
  readonly status: number | string;
  readonly said: SaidApart;
}

async function answerOf(child: ChildProcess, given: ToRehearse, onProgress: PlayOptions["onProgress"]): Promise<Answer> {
  let last: Said | undefined;
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("a child process without pipes");
  const lines = createInterface({ input: stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    const one = JSON.parse(line) as Said;
    if ("progress" in one) onProgress(one.progress);
    else last = one;
  });
  const said = saidApart(stderr);
  // One that ends before it has read everything says why. Its input stays open: it ends when this process does.
  stdin.on("error", () => {});
  stdin.write(`${JSON.stringify(given)}\n`);
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? ""));
  });
  lines.close();
  return { last, status, said };
}
