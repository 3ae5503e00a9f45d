/** A W3C trace parent: `00-<32 hex trace>-<16 hex span>-<2 hex flags>`. */
export type TraceParent = string;

export type SpanKind = "internal" | "server" | "client" | "consumer";

/** Span attributes: our ids, codes, names from the workspace, and counts. Never message text, an address, or a prompt. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** The parent span; undefined: the current one; null: none, so the span starts a new trace. */
  readonly parent?: TraceParent | null | undefined;
  /** Spans that led to this one. */
  readonly links?: readonly TraceParent[];
}

/** A span of a trace. */
export interface Span {
  /** The trace parent for child spans elsewhere; undefined without tracing. */
  readonly traceparent: TraceParent | undefined;
  set(attributes: Attributes): void;
  /** Marks the span as failed; `type` is an error code. */
  fail(type: string): void;
  /** Ends the span; to be called once. */
  end(): void;
}

/** Distributed tracing of a process. */
export interface Tracing {
  /** False if traces are not exported; spans are then no-ops. */
  readonly isOn: boolean;
  begin(name: string, options?: SpanOptions): Span;
  /** Runs `work` with the span as the current one: spans begun in it become children. */
  within<T>(span: Span, work: () => T): T;
  /** The current trace parent, for outgoing requests and jobs. */
  current(): TraceParent | undefined;
  /** Flushes pending spans. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: undefined, set: () => {}, fail: () => {}, end: () => {} };

/** No-op tracing. */
export const noTracing: Tracing = {
  isOn: false,
  begin: () => NO_SPAN,
  within: (_span, work) => work(),
  current: () => undefined,
  close: async () => {},
};

/** Runs `work` in a span of its own. An error marks the span as failed, with the error's code or name only. */
export async function traced<T>(tracing: Tracing, name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  if (!tracing.isOn) return work(NO_SPAN);
  const span = tracing.begin(name, options);
  try {
    return await tracing.within(span, () => work(span));
  } catch (error) {
    span.fail(failureOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/** Parses a foreign trace parent; undefined if it is invalid. */
export function traceParentOf(given: unknown): TraceParent | undefined {
  const [, trace = "", span = ""] = typeof given === "string" ? (TRACEPARENT.exec(given) ?? []) : [];
  return trace === "" || /^0+$/.test(trace) || /^0+$/.test(span) ? undefined : (given as string);
}

export const traceIdOf = (traceparent: TraceParent): string => traceparent.slice(3, 35);

/** The id of the trace, if its sampler exports it. */
export const exportedTraceId = (traceparent: TraceParent | undefined): string | undefined =>
  traceparent === undefined || (Number.parseInt(traceparent.slice(53), 16) & SAMPLED) === 0 ? undefined : traceIdOf(traceparent);

/** Headers that propagate the current trace to another service. */
export function outgoingTrace(tracing: Tracing): Readonly<Record<string, string>> {
  const traceparent = tracing.current();
  return traceparent === undefined ? {} : { traceparent };
}

/** The code or name of an error, without its message. */
export function failureOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code)) return code;
  return error instanceof Error ? error.name : "_OTHER";
}

// --- internal ---

const SAMPLED = 1;
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
