import { type TraceParent, traceIdOf } from "./trace.ts";

/** Ids and numbers of a log line. Never the text of a message, an address, or a prompt. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Structured log, one JSON object a line. The message is a constant text; variable parts are in the fields. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** `traceparent` returns the current span, so log lines can be correlated with traces. */
export function createLog(
  write: (line: string) => void,
  now: () => number,
  traceparent: () => TraceParent | undefined = () => undefined,
): Log {
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...traceFields(traceparent()), ...fields }));
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** The trace id of a line, as fields. */
export const traceFields = (traceparent: TraceParent | undefined): LogFields =>
  traceparent === undefined ? {} : { traceId: traceIdOf(traceparent) };

/** An error as fields. Our own messages contain no personal data; those of libraries may, so only the error's name and code are logged. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as { code?: unknown };
  const isOurs = error.name === "SentientError";
  return { error: error.name, ...(typeof code === "string" ? { code } : {}), ...(isOurs ? { detail: error.message } : {}) };
}
