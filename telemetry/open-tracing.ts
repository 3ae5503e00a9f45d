import type { TracingConfig } from "../config/config.ts";
import { noTracing, type Tracing } from "./trace.ts";

/** Traces where the environment asks for them. Nobody else pays for it: what it takes is loaded here. */
export async function openTracing(config: TracingConfig | undefined, onTrouble: () => void): Promise<Tracing> {
  if (!config) return noTracing;
  const { createOtelTracing } = await import("./otel.ts");
  return createOtelTracing({ ...config, serviceName: "sentient", onTrouble });
}
