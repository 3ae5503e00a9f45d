import { randomInt } from "node:crypto";
import type { Readable } from "node:stream";
import { cut } from "../domain/values/cut.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";

/** A command's terminal. Results go to `out`, everything else to `note`. */
export interface Io {
  /** A line of the result. */
  out(text: string): void;
  /** A line for the human: progress, summaries, warnings. Not printed with --quiet. */
  note(text: string): void;
  /** A line for the human that is printed even with --quiet. */
  warn(text: string): void;
  /** Replaces the last progress line; only on a terminal. */
  progress(text: string): void;
  readonly paint: Paint;
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly now: () => number;
  /** True once the operator has requested a stop. */
  readonly isStopped: () => boolean;
}

type Color = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";
export type Paint = Readonly<Record<Color, (text: string) => string>>;

const CODES: Readonly<Record<Color, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** `mark` is added to each escape code, which tells our colours from escape codes in a text. */
export function createPaint(isOn: boolean, mark = ""): Paint {
  const painter = ([open, close]: readonly [number, number]) =>
    isOn ? (text: string) => `\u001b[${open}${mark}m${text}\u001b[${close}${mark}m` : (text: string) => text;
  return Object.fromEntries(Object.entries(CODES).map(([color, codes]) => [color, painter(codes)])) as unknown as Paint;
}

/** Strips a line of everything that a terminal would interpret, except our own colours. */
export function written(line: string, mark: string): string {
  const parts = line.split(new RegExp(`\u001b\\[(\\d+)${mark}m`));
  return parts.map((part, index) => (index % 2 === 0 ? terminalSafe(part) : `\u001b[${part}m`)).join("");
}

/** The terminal of this process. */
export function createIo({ quiet, isStopped }: { readonly quiet: boolean; readonly isStopped: () => boolean }): Io {
  const { stdout, stderr, stdin, env } = process;
  const isColored = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  // A random mark, which authors of displayed texts cannot know.
  const mark = `;${randomInt(1e9, 1e12)}`;
  let hasProgress = false;
  // A reader like `head` may close the pipe; then further output is pointless.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    if (isGone(error, stdout)) return;
    stderr.write(`error: the output cannot be written: ${error.code === "ENOSPC" ? "no space is left on the disk" : error.message}\n`);
    // The status of a command that fails.
    process.exit(1);
  });
  // What nobody can be told ends no work: a terminal that goes away asks for a stop by a signal.
  if (!stderr.listeners("error").includes(ignored)) stderr.on("error", ignored);
  const clear = () => {
    if (hasProgress) stderr.write("\r\u001b[2K");
    hasProgress = false;
  };
  const line = (stream: NodeJS.WriteStream) => (text: string) => {
    clear();
    stream.write(`${written(text, mark)}\n`);
  };
  return {
    out: line(stdout),
    note: quiet ? () => {} : line(stderr),
    warn: line(stderr),
    progress: (text) => {
      if (quiet || stderr.isTTY !== true) return;
      stderr.write(`\r\u001b[2K${cut(terminalSafe(text), (stderr.columns ?? 80) - 1)}`);
      hasProgress = true;
    },
    paint: createPaint(isColored, mark),
    stdin,
    environment: env,
    columns: Math.min(stdout.columns ?? 100, 160),
    isTerminal: stdout.isTTY === true,
    now: Date.now,
    isStopped,
  };
}

// --- internal ---

/** Whether it was written to a terminal that is gone. */
const isGone = ({ code }: NodeJS.ErrnoException, { isTTY }: NodeJS.WriteStream): boolean => code === "EIO" && isTTY;

const ignored = (): void => {};
