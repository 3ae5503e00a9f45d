/** Where in a trace something happens, as W3C writes it: `00-<32 hex trace>-<16 hex span>-<2 hex flags>`. */
export type TraceParent = string;

export type SpanKind = "internal" | "server" | "client" | "consumer";

/** Ids of ours, codes, names of the workspace, and counts. Never what somebody wrote, an address, or a prompt. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** What it is a part of; missing: of what is going on; null: of nothing, it begins a trace. */
  readonly parent?: TraceParent | null | undefined;
  /** Other spans that led to it. */
  readonly links?: readonly TraceParent[];
}

/** Something that takes time, as others may look at it later. */
export interface Span {
  /** Where it is, for what becomes a part of it elsewhere; missing where nothing is traced. */
  readonly traceparent: TraceParent | undefined;
  set(attributes: Attributes): void;
  /** It did not do what it was for; the kind of failure is a code. */
  fail(type: string): void;
  /** Once. */
  end(): void;
}

/** Tells what a process does to whoever collects traces. */
export interface Tracing {
  /** False: nobody collects, and nothing is remembered. */
  readonly isOn: boolean;
  begin(name: string, options?: SpanOptions): Span;
  /** Does work as a part of a span: what it begins belongs to it. */
  within<T>(span: Span, work: () => T): T;
  /** Where we are in a trace, for what leaves this process. */
  current(): TraceParent | undefined;
  /** Hands over what is not handed over yet. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: undefined, set: () => {}, fail: () => {}, end: () => {} };

/** Costs a call. */
export const noTracing: Tracing = {
  isOn: false,
  begin: () => NO_SPAN,
  within: (_span, work) => work(),
  current: () => undefined,
  close: async () => {},
};

/** Does something as a span of its own, which ends with it. What is thrown is told by its code or the name of its kind. */
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

/** What others say about where they are, if it is that: anything else is as good as nothing. */
export function traceParentOf(given: unknown): TraceParent | undefined {
  const [, trace = "", span = ""] = typeof given === "string" ? (TRACEPARENT.exec(given) ?? []) : [];
  return trace === "" || /^0+$/.test(trace) || /^0+$/.test(span) ? undefined : (given as string);
}

export const traceIdOf = (traceparent: TraceParent): string => traceparent.slice(3, 35);

/** What a request to somebody else carries, so that what is done there is seen as a part of what is done here. */
export function outgoingTrace(tracing: Tracing): Readonly<Record<string, string>> {
  const traceparent = tracing.current();
  return traceparent === undefined ? {} : { traceparent };
}

/** The kind of an error, without anything that it says. */
export function failureOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code)) return code;
  return error instanceof Error ? error.name : "_OTHER";
}

// --- internal ---

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
