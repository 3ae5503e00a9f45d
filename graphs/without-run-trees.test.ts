import { AsyncLocalStorage } from "node:async_hooks";
import { AsyncLocalStorageProviderSingleton, MockAsyncLocalStorage } from "@langchain/core/singletons";
import { expect, test } from "vitest";
import "./decisioning.ts";
import { withoutRunTrees } from "./without-run-trees.ts";

type Provider = typeof AsyncLocalStorageProviderSingleton;

/** A provider whose own way of calling is noted. */
function provider(context: ReturnType<Provider["getInstance"]>) {
  const called: unknown[][] = [];
  const one = {
    getInstance: () => context,
    getRunnableConfig: () => undefined,
    runWithConfig: <T>(...words: [unknown, () => T, boolean?]): T => {
      called.push(words);
      return words[1]();
    },
    initializeGlobalInstance: () => {},
  } as unknown as Provider;
  return { one, called };
}

test("without an async context a call is made directly", () => {
  const { one, called } = provider(new MockAsyncLocalStorage());
  withoutRunTrees(one);
  expect(one.runWithConfig({}, () => "done")).toBe("done");
  expect(called).toEqual([]);
});

test("with an async context the library calls as before, however often this was asked for", () => {
  const { one, called } = provider(new AsyncLocalStorage());
  withoutRunTrees(one);
  withoutRunTrees(one);
  const callback = () => "done";
  const config = { tags: ["a"] };
  expect(one.runWithConfig(config, callback, true)).toBe("done");
  expect(called).toEqual([[config, callback, true]]);
});

test("an execution of the graph makes no run trees: nothing reads the config for one", () => {
  const config = {
    get callbacks(): never {
      throw new Error("read for a run tree");
    },
  };
  // Another test of this process may have set the async context.
  const globals = globalThis as { [context]?: unknown };
  const known = globals[context];
  delete globals[context];
  try {
    expect(AsyncLocalStorageProviderSingleton.runWithConfig(config, () => "done")).toBe("done");
  } finally {
    if (known !== undefined) globals[context] = known;
  }
});

const context = Symbol.for("ls:tracing_async_local_storage");
