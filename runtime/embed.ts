import type { EmbeddedRuntime, EmbedOptions } from "./embedded-runtime.ts";

/**
 * Opens a workspace inside this program, with its store, queue and worker. Throws `BAD_CONFIG` with every problem of the workspace or the
 * environment, `STORE_OWNED` if another process owns `dataDir`, and `STORE_FAILED` or `QUEUE_FAILED` if a server is unreachable.
 *
 * @example
 * const runtime = await createRuntime({ workspace: "my-company" });
 * await runtime.send({ specversion: "1.0", id: "1", source: "till", type: "order.placed", subject: "ines", data: { drink: "tea" } });
 * await runtime.settled();
 * const [decision] = await runtime.decisions({ customerId: "ines" });
 * await runtime.stop();
 */
export async function embedRuntime(options: EmbedOptions): Promise<EmbeddedRuntime> {
  // Loaded on demand: a workspace tool that only imports `defineTool` needs none of it.
  const { openEmbedded } = await import("./open-embedded.ts");
  return openEmbedded(options);
}
