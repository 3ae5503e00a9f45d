/** Each of them makes LangChain tell what goes through graphs and agents: a service of somebody else, or, with the last, standard output. */
const SWITCHES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_VERBOSE"] as const;

/**
 * Turns LangChain's own tracing off for this process, whatever was set, perhaps for another program: what customers say leaves
 * the machine by our own channels and models only, and errors that repeat it are not printed. Gives back the variables that had it on.
 */
export function silenceThirdPartyTracing(environment: NodeJS.ProcessEnv = process.env): string[] {
  const on = SWITCHES.filter((name) => environment[name] === "true");
  for (const name of on) environment[name] = "false";
  return on;
}
