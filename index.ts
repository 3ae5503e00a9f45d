/** What a workspace's own tools, and code that embeds Sentient, may use. */
export { SentientError } from "./domain/errors.ts";
/** For tests of what is built on Sentient: a language model that says what it is told to. */
export { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "./models/scripted.ts";
export { type AnyTool, defineTool, type OutsideDeps, type ReadTool, type RecordTool, type WriteTool } from "./tools/tool.ts";
