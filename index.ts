// What a program, a workspace's own tools and a workspace's own channels may import from "sentient". `index.test.ts` names all of it.

export {
  type Channel,
  type ChannelDeps,
  defineChannel,
  type OpenChannel,
  type OutgoingMessage,
  type SendResult,
} from "./channels/channel.ts";
export { createPost } from "./channels/http/post.ts";
export { accepted, badRequest, headerOf, messageSignals, type News, receiptSignals, refused } from "./channels/inbound/reader.ts";
export type { Inbound, WebhookReading, WebhookRequest } from "./channels/inbound/webhook.ts";
export { ADDRESS_GONE, OPTED_OUT, outcomeUnknown, rejected } from "./channels/outcome.ts";
export type { Decision } from "./domain/entities/decision.ts";
export type { SignalEvent } from "./domain/entities/signal.ts";
export { type ErrorCode, SentientError } from "./domain/errors.ts";
export type { Profile } from "./domain/record/profile.ts";
export type { IngestResult, RejectedSignal } from "./intake/ingest-result.ts";
export type { Model, Question } from "./models/model.ts";
export { parseRecording, type RecordedCall } from "./models/recorded-call.ts";
export { createReplayingModel, type RecordingOptions, recordModel } from "./models/recording.ts";
export { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "./models/scripted.ts";
export type { Operations } from "./operations/operation.ts";
export { embedRuntime as createRuntime } from "./runtime/embed.ts";
export type { EmbeddedRuntime as Runtime, EmbedOptions as RuntimeOptions } from "./runtime/embedded-runtime.ts";
export {
  type AnyTool,
  type CallIdentity,
  defineTool,
  type OutsideDeps,
  type ReadTool,
  type RecordTool,
  type WriteTool,
} from "./tools/tool.ts";
