/** What a workspace's own tools, and code that embeds Sentient, may use. */
export { SentientError } from "./domain/errors.ts";
export { type AnyTool, defineTool, type OutsideDeps, type ReadTool, type RecordTool, type WriteTool } from "./tools/tool.ts";
