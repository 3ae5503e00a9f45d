import type { TracingConfig } from "../config/config.ts";
import { noTracing, type Tracing } from "./trace.ts";

/** Opens tracing if configured. The OpenTelemetry SDK is loaded only then. */
export async function openTracing(config: TracingConfig | undefined, onTrouble: () => void): Promise<Tracing> {
  if (!config) return noTracing;
  const { createOtelTracing } = await import("./otel.ts");
  return createOtelTracing({ ...config, serviceName: "sentient", onTrouble });
}
