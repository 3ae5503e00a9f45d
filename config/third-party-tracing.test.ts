import { expect, test } from "vitest";
import { silenceThirdPartyTracing } from "./third-party-tracing.ts";

test("S3 LangSmith's tracing that was left on for something else is turned off, and told", () => {
  const environment = { LANGCHAIN_TRACING_V2: "true", LANGSMITH_TRACING: "true", LANGSMITH_TRACING_V2: "false", LANGSMITH_API_KEY: "k" };
  expect(silenceThirdPartyTracing(environment)).toEqual(["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"]);
  expect(environment).toMatchObject({ LANGCHAIN_TRACING_V2: "false", LANGSMITH_TRACING: "false", LANGSMITH_API_KEY: "k" });
  expect(silenceThirdPartyTracing(environment)).toEqual([]);
});
