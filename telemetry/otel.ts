import { AsyncLocalStorage } from "node:async_hooks";
import { diag, type Span as OtelSpan, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { SentientError } from "../domain/errors.ts";
import { type Span, type SpanOptions, type TraceParent, type Tracing, traceIdOf } from "./trace.ts";

export interface OtelOptions {
  readonly protocol: "http/json" | "http/protobuf";
  /** Default service name; the environment may override it. */
  readonly serviceName: string;
  /** Called on SDK warnings and errors, without the message, which may contain anything. */
  readonly onTrouble: () => void;
}

/** Exports traces by OTLP over HTTP. The SDK reads endpoint and sampling from its standard environment variables. */
export async function createOtelTracing(options: OtelOptions): Promise<Tracing> {
  diag.setLogger({ ...SILENT, warn: options.onTrouble, error: options.onTrouble });
  const resource = resourceFromAttributes({ "service.name": options.serviceName });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resource)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(await exporterFor(options.protocol))],
  });
  return new OtelTracing(provider.getTracer("sentient"), () => provider.shutdown());
}

// --- internal ---

/** Loads the exporter of the configured protocol only. */
async function exporterFor(protocol: OtelOptions["protocol"]): Promise<SpanExporter> {
  try {
    const { OTLPTraceExporter } =
      protocol === "http/json"
        ? await import("@opentelemetry/exporter-trace-otlp-http")
        : await import("@opentelemetry/exporter-trace-otlp-proto");
    return new OTLPTraceExporter();
  } catch (error) {
    throw new SentientError("BAD_CONFIG", "traces cannot be exported: see OTEL_EXPORTER_OTLP_ENDPOINT and _HEADERS", { cause: error });
  }
}

const ignore = (): void => {};
const SILENT = { verbose: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

const KINDS: Readonly<Record<NonNullable<SpanOptions["kind"]>, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

class OtelTracing implements Tracing {
  readonly isOn = true;
  private readonly tracer: Tracer;
  private readonly shutdown: () => Promise<void>;
  private readonly active = new AsyncLocalStorage<Span>();

  constructor(tracer: Tracer, shutdown: () => Promise<void>) {
    this.tracer = tracer;
    this.shutdown = shutdown;
  }

  begin(name: string, { kind = "internal", attributes = {}, parent, links = [] }: SpanOptions = {}): Span {
    const above = parent === undefined ? this.current() : parent;
    const from = above === null || above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(above));
    const described = {
      kind: KINDS[kind],
      attributes: { ...attributes } as Record<string, string>,
      links: links.map((link) => ({ context: contextOf(link) })),
    };
    return new Traced(this.tracer.startSpan(name, described, from));
  }

  within<T>(span: Span, work: () => T): T {
    return this.active.run(span, work);
  }

  current(): TraceParent | undefined {
    return this.active.getStore()?.traceparent;
  }

  async close(): Promise<void> {
    await this.shutdown().catch(ignore);
    diag.disable();
  }
}

class Traced implements Span {
  readonly traceparent: TraceParent;
  private readonly span: OtelSpan;

  constructor(span: OtelSpan) {
    this.span = span;
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  }

  set(attributes: Parameters<Span["set"]>[0]): void {
    this.span.setAttributes({ ...attributes } as Record<string, string>);
  }

  fail(type: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute("error.type", type);
  }

  end(): void {
    this.span.end();
  }
}

const contextOf = (traceparent: TraceParent) => ({
  traceId: traceIdOf(traceparent),
  spanId: traceparent.slice(36, 52),
  traceFlags: Number.parseInt(traceparent.slice(53), 16),
  isRemote: true,
});
