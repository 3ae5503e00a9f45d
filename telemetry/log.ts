import { type TraceParent, traceIdOf } from "./trace.ts";

/** Ids and numbers that go with a line. Never what a message says, an address, or a prompt. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Says what a service does, a JSON object a line. The message is the same text every time; what differs is in the fields. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** `traceparent` says where in a trace we are, so that a line is found with what else was done there. */
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

/** Where in a trace a line belongs. */
export const traceFields = (traceparent: TraceParent | undefined): LogFields =>
  traceparent === undefined ? {} : { traceId: traceIdOf(traceparent) };

/** An error as fields. Messages of ours carry no content; those of others may, and only their kind is told. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as { code?: unknown };
  const isOurs = error.name === "SentientError";
  return { error: error.name, ...(typeof code === "string" ? { code } : {}), ...(isOurs ? { detail: error.message } : {}) };
}
