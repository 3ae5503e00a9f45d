/** What a workspace's own tools, and code that embeds Sentient, may use. */
export { SentientError } from "./domain/errors.ts";
/** For tests of what is built on Sentient: a language model that says what it is told to. */
export type { Model, Question } from "./models/model.ts";
export { parseRecording, type RecordedCall } from "./models/recorded-call.ts";
/** For replays of what is built on Sentient: a language model whose calls are kept, and one that answers from what was kept. */
export { createReplayingModel, type RecordingOptions, recordModel } from "./models/recording.ts";
export { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "./models/scripted.ts";
export {
  type AnyTool,
  type CallIdentity,
  defineTool,
  type OutsideDeps,
  type ReadTool,
  type RecordTool,
  type WriteTool,
} from "./tools/tool.ts";
