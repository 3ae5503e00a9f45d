import type { Readable } from "node:stream";

/** What a process beside this one says when it fails. */
export interface SaidApart {
  /** The end of it, which is what tells why. */
  end(): string;
  /** Whether it says that it has no memory left: a trace of any length follows. */
  hasNoMemory(): boolean;
}

/** Reads what a process beside this one writes to its standard error. */
export function saidApart(stderr: Readable): SaidApart {
  let said = "";
  let hasNoMemory = false;
  stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`;
    hasNoMemory ||= /heap out of memory|heap limit/i.test(said);
    said = said.slice(-MAX_SAID);
  });
  return { end: () => said.trim(), hasNoMemory: () => hasNoMemory };
}

// --- internal ---

const MAX_SAID = 2_000;
