import { closeSync, openSync, readSync, statSync } from "node:fs";
import { readSignal } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { SIGNAL_LIMITS } from "../domain/values/json.ts";
import { linesIn } from "../domain/values/lines.ts";

/**
 * Bytes of memory that a store in memory takes at least: to begin with, for each signal, and for each byte of a signal. Decisions and
 * customers come on top.
 */
export const TAKES = { start: 250 * 1024 ** 2, signal: 1_500, byte: 2 };

/** Streams of fewer signals are not worth a look. */
const LONG = 50_000;
/** Memory that has to stay free for the work itself. */
const RESERVE = 256 * 1024 ** 2;
const LOOK_EVERY = 1_000;

/** Bytes read of a file to estimate what is in it. */
const SAMPLE = 1024 * 1024;

/** How much is in a file of signals, from its size and its beginning. Lines that cannot be used are not stored, and so do not count. */
export function estimate(beginning: Uint8Array, bytes: number): { readonly signals: number; readonly memory: number } {
  const lines = linesIn(beginning, SIGNAL_LIMITS.maxBytes);
  const texts = lines.flatMap((line) => ("text" in line && readSignal(line.text).ok ? [line.text] : []));
  const times = bytes / Math.max(beginning.length, 1);
  const stored = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const signals = Math.round(texts.length * times);
  return { signals, memory: TAKES.start + signals * TAKES.signal + stored * times * TAKES.byte };
}

/**
 * Checks that a store in memory has room for the signals of a file.
 *
 * @param available bytes of memory that are free
 * @throws `BAD_INPUT` where it has not, with what helps
 */
export function checkRoomFor(path: string, available: number): void {
  const file = beginningOf(path);
  if (!file) return;
  const { signals, memory } = estimate(file.beginning, file.bytes);
  if (signals > LONG && memory > available)
    throw new SentientError(
      "BAD_INPUT",
      `${path} has about ${signals} signals, for which a store in memory takes at least ${inGigabytes(memory)}; ${inGigabytes(available)} are free. ${ON_DISK}`,
    );
}

/**
 * Looks now and then, in a long stream, whether memory is left: what comes through standard input has no size before.
 *
 * @throws `STORE_FAILED` before the memory is used up
 */
export function createRoomWatch(available: () => number): (signals: number) => void {
  let next = LONG;
  return (signals) => {
    if (signals < next) return;
    next = signals + LOOK_EVERY;
    if (available() < RESERVE)
      throw new SentientError("STORE_FAILED", `after ${signals} signals the memory is used up in which the store is. ${ON_DISK}`);
  };
}

// --- internal ---

const ON_DISK = "Give --data DIR: it keeps the store in that folder";

const inGigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;

/** The size and the beginning of a file; undefined for what has no size. What cannot be read is told where it is read. */
function beginningOf(path: string): { readonly bytes: number; readonly beginning: Uint8Array } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const beginning = new Uint8Array(Math.min(SAMPLE, stat.size));
    return { bytes: stat.size, beginning: beginning.subarray(0, readSync(file, beginning)) };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
