import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consoleFolder } from "../config/package-root.ts";
import { SentientError } from "../domain/errors.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { openService } from "../runtime/service.ts";
import { Codes } from "../server/access/codes.ts";
import { createApp } from "../server/app.ts";
import { readConsole } from "../server/console.ts";
import { listen } from "../server/listen.ts";
import { silentLog } from "../telemetry/log.ts";
import { DONE, INTERRUPTED } from "./command.ts";
import type { Io } from "./io.ts";
import { signInLink } from "./sign-in-link.ts";
import { stopSignal } from "./start-service.ts";

export interface DemoConsole {
  /** The workspace whose story is shown. */
  readonly dir: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly json: boolean;
}

/** Fills a store of the given folder, and gives the time at which its story ends; undefined where it was interrupted. */
export type Fill = (dataDir: string) => Promise<Instant | undefined>;

/**
 * Shows a recorded story in the console until it is stopped. The clock goes on from where the story ends; nothing leaves the machine, and
 * the store is removed at the end.
 */
export async function showInConsole({ dir, host = "127.0.0.1", port, json }: DemoConsole, io: Io, fill: Fill): Promise<number> {
  const files = readConsole(consoleFolder);
  if (!files) throw new SentientError("BAD_CONFIG", "the console is not built in this clone; build it with: npm run console");
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-demo-"));
  try {
    const end = await fill(dataDir);
    if (end === undefined) return INTERRUPTED;
    const began = io.now();
    const now = (): Instant => end + (io.now() - began);
    const { workspace, tools } = await openWorkspace(dir, io);
    const service = await openService({
      ...{ policy: workspace.policy, tools, dataDir, now, live: false, concurrency: 1 },
      ...{ log: silentLog, onPrepare: () => io.note("preparing the embedded store (once) …") },
    });
    try {
      const operatorKey = randomBytes(32).toString("base64url");
      const codes = new Codes(now);
      const app = createApp({ service, writeKeys: [], operatorKeys: [operatorKey], codes, console: { files } });
      const listening = await listen(app, { host, port });
      const link = signInLink(listening.url, operatorKey, codes);
      if (json) io.out(JSON.stringify({ console: link }));
      else for (const line of linesOf(link, end)) io.out(line);
      if (io.isTerminal) openInBrowser(link);
      await stopSignal();
      // Ends the streams of pages that are open.
      service.drain();
      await listening.close();
      return DONE;
    } finally {
      await service.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

// --- internal ---

const linesOf = (link: string, end: Instant): readonly string[] => [
  `console  ${link}`,
  "",
  `The story ends on ${iso(end).slice(0, 10)}, and the clock goes on from there. The link signs in once, within five minutes.`,
  "Nothing leaves this machine. Ctrl-C ends it.",
];

/** Opens a link where there is a desktop; the link is printed in any case. */
function openInBrowser(link: string): void {
  const { platform, env } = process;
  const isDesktop = platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  if (!isDesktop) return;
  const [command, ...words] = OPENERS[platform] ?? ["xdg-open"];
  const child = spawn(command ?? "xdg-open", [...words, link], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
