import { AsyncLocalStorageProviderSingleton, MockAsyncLocalStorage } from "@langchain/core/singletons";

/**
 * Calls what the library calls "with a config" directly where the process has no async context: without one, the library makes a run tree for
 * each call (a random id, a time, environment variables), hands it to nobody and drops it, a quarter of the cost of an execution. A program
 * that has set an async context, as LangGraph's entry point for Node does, gets everything as before.
 */
export function withoutRunTrees(provider: typeof AsyncLocalStorageProviderSingleton = AsyncLocalStorageProviderSingleton): void {
  if (withoutThem.has(provider)) return;
  withoutThem.add(provider);
  const runWithConfig = provider.runWithConfig.bind(provider);
  provider.runWithConfig = (config, callback, avoidsRoot) =>
    provider.getInstance() instanceof MockAsyncLocalStorage ? callback() : runWithConfig(config, callback, avoidsRoot);
}

// --- internal ---

const withoutThem = new WeakSet<object>();
