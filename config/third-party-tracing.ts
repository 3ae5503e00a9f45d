/** Each of them makes LangChain send what goes through graphs and agents to a service of somebody else. */
const SWITCHES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"] as const;

/**
 * Turns tracing by LangSmith off for this process, whatever was set, perhaps for another program: what customers say leaves
 * the machine by our own channels and models only. Gives back the variables that had it on.
 */
export function silenceThirdPartyTracing(environment: NodeJS.ProcessEnv = process.env): string[] {
  const on = SWITCHES.filter((name) => environment[name] === "true");
  for (const name of on) environment[name] = "false";
  return on;
}
