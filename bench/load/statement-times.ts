import type { PGlite } from "@electric-sql/pglite";
import type pg from "pg";

/** Executions of a statement, and their total milliseconds: CPU time on the embedded engine, latency on a server. */
export interface StatementTime {
  readonly text: string;
  count: number;
  ms: number;
}

/** Measures every statement of the embedded engine. */
export function watchPglite(engine: typeof PGlite): Map<string, StatementTime> {
  const times = new Map<string, StatementTime>();
  const texts = new Map<string, string>();
  const { execProtocol, exec } = engine.prototype;
  engine.prototype.execProtocol = async function (this: PGlite, ...[message, options]: Parameters<typeof execProtocol>) {
    const text = statementOf(message, texts);
    return timed(times, text, processorMs, () => execProtocol.call(this, message, options));
  };
  engine.prototype.exec = async function (this: PGlite, ...[text, options]: Parameters<typeof exec>) {
    return timed(times, text, processorMs, () => exec.call(this, text, options));
  };
  return times;
}

/** Measures every statement sent to a server. */
export function watchPg({ Client }: typeof pg): Map<string, StatementTime> {
  const times = new Map<string, StatementTime>();
  const prototype = Client.prototype as unknown as { query(...words: unknown[]): unknown };
  const { query } = prototype;
  prototype.query = function (this: pg.Client, ...words: unknown[]) {
    const [first] = words;
    const text = typeof first === "string" ? first : String((first as { text?: string } | undefined)?.text ?? "");
    const answer = query.apply(this, words);
    return answer instanceof Promise
      ? timed(
          times,
          text,
          () => performance.now(),
          () => answer,
        )
      : answer;
  };
  return times;
}

// --- internal ---

/** The statement that a message to the engine runs: the last one in it, as a `begin` may precede it. Records prepared statements. */
function statementOf(message: Uint8Array, texts: Map<string, string>): string {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  let text = "";
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    const kind = String.fromCharCode(bytes[at] ?? 0);
    const [first = "", second = ""] = bytes.toString("utf8", at + 5, at + 1 + bytes.readInt32BE(at + 1)).split("\0", 2);
    if (kind === "P") {
      texts.set(first, second);
      text = `plan: ${second}`;
    } else if (kind === "B") text = texts.get(second) ?? second;
    else text ||= kind;
  }
  return text;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed<T>(times: Map<string, StatementTime>, text: string, clock: () => number, run: () => Promise<T>): Promise<T> {
  const began = clock();
  try {
    return await run();
  } finally {
    const known = times.get(text) ?? { text, count: 0, ms: 0 };
    known.count++;
    known.ms += clock() - began;
    times.set(text, known);
  }
}
