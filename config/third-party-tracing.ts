/** Each of these makes LangChain send the inputs and outputs of graphs and agents to a third-party service, or, with the last, to standard output. */
const SWITCHES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_VERBOSE"] as const;

/**
 * Turns LangChain's own tracing off for this process, even if the environment enables it, perhaps for another program: customer data
 * leaves the machine through our channels and models only, and errors that contain it are not printed. Returns the variables that were on.
 */
export function silenceThirdPartyTracing(environment: NodeJS.ProcessEnv = process.env): string[] {
  const on = SWITCHES.filter((name) => environment[name] === "true");
  for (const name of on) environment[name] = "false";
  return on;
}
