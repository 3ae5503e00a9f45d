import type { EmbeddedRuntime, EmbedOptions } from "./embedded-runtime.ts";

/**
 * Opens a workspace inside this program, with its store, its queue and a worker. Throws `BAD_CONFIG` with every problem of the workspace
 * or of the environment, `STORE_OWNED` where another process owns `dataDir`, and `STORE_FAILED` or `QUEUE_FAILED` where a server cannot be
 * reached.
 *
 * @example
 * const runtime = await createRuntime({ workspace: "my-company" });
 * await runtime.send({ specversion: "1.0", id: "1", source: "till", type: "order.placed", subject: "ines", data: { drink: "tea" } });
 * await runtime.settled();
 * const [decision] = await runtime.decisions({ customerId: "ines" });
 * await runtime.stop();
 */
export async function embedRuntime(options: EmbedOptions): Promise<EmbeddedRuntime> {
  // Everything it needs is loaded only here: a tool of a workspace that imports `defineTool` needs none of it.
  const { openEmbedded } = await import("./open-embedded.ts");
  return openEmbedded(options);
}
