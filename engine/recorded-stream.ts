import { createHash } from "node:crypto";
import { SignalEvent } from "../domain/entities/signal.ts";
import { canonicalJson } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { ImportLine } from "../intake/import-customers.ts";
import type { SignalLine } from "../intake/read-signals.ts";
import type { RecordedImport, RecordedSignal, Store } from "../store/store.ts";
import { CustomerLine } from "../workspace/schema.ts";
import type { Interlude } from "./run-stream.ts";

/** Imports records into the target store. */
export type ImportInto = (lines: readonly ImportLine[], at: Instant) => Promise<void>;

/**
 * The recorded stream of a store: its signals in order of arrival, and its imports between them; of one customer only hers. Operators'
 * changes are not part of it.
 */
export async function* recordedStream(
  { recorded }: Store,
  importInto: ImportInto,
  customerId?: string,
): AsyncGenerator<SignalLine | Interlude> {
  const imports = await recorded.imports(customerId);
  let signals: RecordedSignal[] = [];
  for (let after = 0; ; after = signals.at(-1)?.seq ?? after) {
    signals = await recorded.signals(after, CHUNK, customerId);
    for (const signal of signals) {
      yield* interludes(
        takeWhile(imports, ({ afterSeq }) => afterSeq < signal.seq),
        importInto,
      );
      const line = lineOf(signal);
      if (line) yield line;
    }
    if (signals.length < CHUNK) break;
  }
  yield* interludes(imports, importInto);
}

/** A recorded import as it is imported again. */
export function importLine(line: RecordedImport["line"]): ImportLine {
  const raw = canonicalJson(line);
  return { line: 0, customer: CustomerLine.parse(line), hash: createHash("sha256").update(raw).digest("base64url") };
}

// --- internal ---

const CHUNK = 500;

function lineOf({ seq, event, bodyHash, time, receivedAt }: RecordedSignal): SignalLine | undefined {
  // It was validated on arrival, by the rules of that time. An erased signal no longer parses.
  const read = SignalEvent.safeParse(event);
  return read.success ? { line: seq, event: read.data, bodyHash, time, receivedAt } : undefined;
}

/** Removes and returns the leading elements that match. */
function takeWhile<T>(list: T[], belongs: (one: T) => boolean): T[] {
  const end = list.findIndex((one) => !belongs(one));
  return list.splice(0, end < 0 ? list.length : end);
}

/** One interlude for all records imported at the same instant. */
function* interludes(imports: readonly RecordedImport[], importInto: ImportInto): Generator<Interlude> {
  const instants = [...new Set(imports.map(({ at }) => at))];
  for (const at of instants) {
    const lines = imports.filter((one) => one.at === at).map(({ line }) => importLine(line));
    yield { at, run: () => importInto(lines, at) };
  }
}
