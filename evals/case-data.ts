import { Readable } from "node:stream";
import { readSignal } from "../domain/entities/signal.ts";
import { isObject } from "../domain/values/json.ts";
import { type ReadCustomers, readCustomers, readCustomerText } from "../intake/read-customers.ts";
import { openSignals, readSignalLines, type SignalLine, signalLine } from "../intake/read-signals.ts";
import { readSegment } from "../intake/segment.ts";
import type { Workspace } from "../workspace/load.ts";
import { caseFile, type GoldenCase, type GoldenSuite } from "./golden.ts";

/** A signal as written into a case: a CloudEvent, or a message of a Segment client under `segment`. */
export type GivenSignal = Readonly<Record<string, unknown>>;

/** Where the records and signals of cases without their own are. */
export type DataPlaces = Pick<Workspace, "dir" | "customersFile" | "signalsFile">;

/** The records that a case begins with: its own, those of the file that it names, or the workspace's. */
export function customersOf({ customers }: GoldenCase, suite: GoldenSuite, { dir, customersFile }: DataPlaces): ReadCustomers {
  if (Array.isArray(customers)) return readCustomerText(customers.map((customer) => JSON.stringify(customer)).join("\n"));
  const file = customers === undefined ? customersFile : caseFile(customers, suite, dir);
  return file === undefined ? { lines: [], problems: [], moreProblems: 0 } : readCustomers(file);
}

/** The stream of a case. */
export function signalsOf(one: GoldenCase, suite: GoldenSuite, { dir, signalsFile }: DataPlaces): AsyncIterable<SignalLine> {
  const { signals } = one;
  if (Array.isArray(signals)) return linesOf(writtenOut(signals, one));
  const file = signals === undefined ? signalsFile : caseFile(signals, suite, dir);
  return readSignalLines(file === undefined ? Readable.from([]) : openSignals(file, process.stdin));
}

/**
 * Signals of a case as CloudEvents: with what they may leave out, and a Segment message as the signal that a server makes of it.
 * A message that a server refuses stays as it is.
 */
export function writtenOut(signals: readonly GivenSignal[], { customers }: Pick<GoldenCase, "customers">): GivenSignal[] {
  return signals.map((signal, index) => {
    if (!("segment" in signal)) return { ...defaultsFor(customers), ...signal };
    const read = fromSegment(signal, index + 1);
    return read.ok ? { ...read.event } : signal;
  });
}

/** CloudEvents as the lines of a stream. */
export async function* linesOf(signals: readonly GivenSignal[]): AsyncGenerator<SignalLine> {
  for (const [index, signal] of signals.entries()) {
    const line = index + 1;
    yield signalLine(line, "segment" in signal ? fromSegment(signal, line) : readSignal(JSON.stringify(signal)));
  }
}

/** The id of a signal written into a case; of a Segment message its `messageId`. */
export function idOf({ id, segment }: GivenSignal): string | undefined {
  const given = isObject(segment) ? segment.messageId : id;
  return typeof given === "string" ? given : undefined;
}

/** The signal written at a line of a case's own stream. */
export const writtenAt = (line: number, { signals }: GoldenCase): GivenSignal => (Array.isArray(signals) && signals[line - 1]) || {};

/** Whether a case expects that the signal of an id is refused. */
export const isExpected = (id: string, { expect }: GoldenCase): boolean =>
  expect.some((expectation) => "rejected" in expectation && expectation.rejected === id);

// --- internal ---

/** The same reading as `/v1/batch`; the age of a message (`sentAt`) needs an arrival, which a case does not have. */
function fromSegment({ segment, ...others }: GivenSignal, line: number): ReturnType<typeof readSegment> {
  const [beside] = Object.keys(others);
  if (beside !== undefined) return { ok: false, problem: `${beside}: expected within the message, under segment` };
  return readSegment(JSON.stringify(segment), { newId: () => `segment-${line}` });
}

/** Defaults of signals written into a case: the envelope's version, a source, and the only customer. */
function defaultsFor(customers: GoldenCase["customers"]): object {
  const only = Array.isArray(customers) && customers.length === 1 ? customers[0]?.id : undefined;
  return { specversion: "1.0", source: "eval", ...(only === undefined ? {} : { subject: only }) };
}
