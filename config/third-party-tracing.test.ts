import { expect, test } from "vitest";
import { silenceThirdPartyTracing } from "./third-party-tracing.ts";

test("S3 LangChain's tracing that another program needs is turned off, and reported", () => {
  const on = { LANGCHAIN_TRACING_V2: "true", LANGSMITH_TRACING: "true", LANGCHAIN_VERBOSE: "true" };
  const environment = { ...on, LANGSMITH_TRACING_V2: "false", LANGSMITH_API_KEY: "k" };
  expect(silenceThirdPartyTracing(environment)).toEqual(["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_VERBOSE"]);
  expect(environment).toMatchObject({ LANGCHAIN_TRACING_V2: "false", LANGSMITH_TRACING: "false", LANGCHAIN_VERBOSE: "false" });
  expect(environment.LANGSMITH_API_KEY).toBe("k");
  expect(silenceThirdPartyTracing(environment)).toEqual([]);
});
