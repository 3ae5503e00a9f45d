import { tool } from "langchain";
import { z } from "zod";

export interface LangChainTool {
  readonly name: string;
  readonly description: string;
  /** What goes in, by path, and what is to be asked for: always text. */
  readonly asks: Readonly<Record<string, string>>;
  /** Whether the agent ends when it has been called. */
  readonly isLast?: boolean;
  run(input: Readonly<Record<string, string>>): Promise<string>;
}

/** A tool as LangChain's agent takes it. What it does goes through the same door as every other call. */
export const asLangChainTool = ({ name, description, asks, isLast = false, run }: LangChainTool) =>
  tool(async (input) => run(input), { name, description, returnDirect: isLast, schema: inputOf(asks) });

/** The shape of what an assistant gives a tool; paths with dots are names like others. */
export const inputOf = (asks: Readonly<Record<string, string>>) =>
  z.strictObject(
    Object.fromEntries(Object.entries(asks).map(([path, what]) => [path, z.string().trim().min(1).max(1_000).describe(what)])),
  );
