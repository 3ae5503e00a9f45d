import { tool } from "langchain";
import { z } from "zod";

export interface LangChainTool {
  readonly name: string;
  readonly description: string;
  /** Its input by path, with what to ask the customer for; every value is text. */
  readonly asks: Readonly<Record<string, string>>;
  /** Whether the agent ends when it has been called. */
  readonly isLast?: boolean;
  run(input: Readonly<Record<string, string>>): Promise<string>;
}

/** A tool as LangChain's agent takes it. Its call is checked, planned and traced like every other one. */
export const asLangChainTool = ({ name, description, asks, isLast = false, run }: LangChainTool) =>
  tool(async (input) => run(input), { name, description, returnDirect: isLast, schema: inputOf(asks) });

/** The schema of the input that an assistant gives a tool; a path with dots is a key like any other. */
export const inputOf = (asks: Readonly<Record<string, string>>) =>
  z.strictObject(
    Object.fromEntries(Object.entries(asks).map(([path, what]) => [path, z.string().trim().min(1).max(1_000).describe(what)])),
  );
