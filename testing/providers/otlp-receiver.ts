import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A span as the collector received it. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Resource attributes of the sender. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly isFailed: boolean;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** All request bodies as received. */
  readonly bodies: readonly string[];
  /** Headers of the last export. */
  readonly headers: () => Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A collector that accepts traces by OTLP over HTTP, as JSON. */
export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  let last: Readonly<Record<string, unknown>> = {};
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === "/v1/traces") {
      last = request.headers;
      bodies.push(body);
      spans.push(...spansIn(JSON.parse(body) as Export));
    }
    response.writeHead(request.url === "/v1/traces" ? 200 : 404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A listening server has a port.
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ spans, bodies },
    headers: () => last,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// --- internal ---

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: unknown;
}
type Attributes = readonly { readonly key: string; readonly value: Value }[];

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly attributes: Attributes;
        readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

const ERROR = 2;

const spansIn = ({ resourceSpans }: Export): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map(({ name, traceId, spanId, parentSpanId, attributes, links = [], status }) => ({
        ...{ name, traceId, spanId, parentSpanId },
        links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
        attributes: valuesOf(attributes),
        resource: valuesOf(resource.attributes),
        isFailed: status?.code === ERROR,
      })),
    ),
  );

const valuesOf = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue, arrayValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? arrayValue) : Number(intValue)),
    ]),
  );
