import { hash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { type ReadSignal, readSignal, type SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { canonicalJson, SIGNAL_LIMITS } from "../domain/values/json.ts";
import { linesOf } from "../domain/values/lines.ts";
import { type Instant, parseInstant } from "../domain/values/time.ts";

/** One line of a recorded stream: an event, or why it is invalid. */
export type SignalLine =
  | {
      readonly line: number;
      readonly event: SignalEvent;
      readonly time?: Instant;
      /** Time of arrival, if known; the clock then follows arrivals. */
      readonly receivedAt?: Instant;
      readonly bodyHash: string;
    }
  | { readonly line: number; readonly problem: string };

/** Reads a recorded stream of signals, one per line. An invalid line is reported by number and does not stop the rest. */
export async function* readSignalLines(input: Readable): AsyncGenerator<SignalLine> {
  for await (const found of linesOf(untilStopped(input), SIGNAL_LIMITS.maxBytes)) {
    const { line } = found;
    const read = "text" in found ? readSignal(found.text) : { ok: false as const, problem: found.problem };
    yield signalLine(line, read);
  }
}

/** A signal that was read, as a line of a stream. */
export const signalLine = (line: number, read: ReadSignal): SignalLine =>
  read.ok ? { line, event: read.event, bodyHash: bodyHashOf(read.event), ...timeOf(read.event) } : { line, problem: read.problem };

/** A file as a stream, or standard input for `-`. */
export function openSignals(path: string, stdin: Readable): Readable {
  if (path === "-") return stdin;
  // Opened here because a stream reports a missing file only after the line reader has started.
  return createReadStream(path, { fd: openFile(path) });
}

/**
 * Two events with the same identity are the same signal if and only if their body hashes match. Trace context is excluded:
 * a retry may carry another one.
 */
export const bodyHashOf = (event: SignalEvent): string => hash("sha256", canonicalJson(withoutTrace(event)), "base64url");

// --- internal ---

function withoutTrace(event: SignalEvent): object {
  if (event.traceparent === undefined && event.tracestate === undefined) return event;
  const { traceparent: _traceparent, tracestate: _tracestate, ...rest } = event;
  return rest;
}

/** Treats a destroyed input, which stops reading, as its end. */
async function* untilStopped(input: Readable): AsyncGenerator<Uint8Array | string> {
  try {
    yield* input;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

const timeOf = ({ time }: SignalEvent): { time?: Instant } => {
  const at = time === undefined ? undefined : parseInstant(time);
  return at === undefined ? {} : { time: at };
};

function openFile(path: string): number {
  try {
    const file = openSync(path, "r");
    if (!fstatSync(file).isDirectory()) return file;
    closeSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SentientError("BAD_INPUT", `cannot read signals from ${path}: ${code === "ENOENT" ? "no such file" : message}`);
  }
  throw new SentientError("BAD_INPUT", `cannot read signals from ${path}: it is a folder`);
}
