import { createHash } from "node:crypto";
import type { CallResult } from "../domain/entities/call-outcome.ts";
import type { ConversationTool } from "../domain/entities/policy.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { visibleText } from "../domain/text/visible-text.ts";
import { canonicalJson, type JsonObject } from "../domain/values/json.ts";
import { placeAt, splitPath } from "../domain/values/path.ts";
import { render } from "./content-generator.ts";
import { folded } from "./text-parts.ts";
import { type Asked, type Done, type Turn, type TurnContext, type TurnEnd, WAITS } from "./turn.ts";
import type { OpenDelivery } from "./wake-run.ts";

/**
 * Calls a tool for the assistant: only allowed tools, only with what the customer wrote, and only after the confirmation that
 * the tool requires.
 */
export async function callFor(turn: Turn, asked: Asked, context: TurnContext): Promise<Done> {
  const tool = turn.conversation.tools.find(({ name }) => name === asked.tool);
  if (!tool) return note(turn, { ...asked, status: "refused", output: "no such tool" });
  if (await context.isTakenOver(turn.delivery.customerId)) {
    silence(turn);
    return note(turn, { ...asked, status: "refused", output: "a human has taken over" });
  }
  const foreign = Object.entries(asked.input).filter(([, value]) => !wasWritten(value, turn));
  if (foreign.length > 0)
    return note(turn, { ...asked, status: "refused", output: `the customer did not write ${foreign.map(([name]) => name).join(", ")}` });
  if (tool.confirm !== undefined && !onlyReads(tool, context)) return note(turn, { ...asked, status: WAITS });
  return doIt(turn, tool, asked, turn.delivery.deliveryId, context);
}

/** Does the action, or finds that it is already done. */
export async function doIt(turn: Turn, tool: ConversationTool, asked: Asked, scope: string, context: TurnContext): Promise<Done> {
  const hash = createHash("sha256")
    .update(canonicalJson({ ...asked.input }))
    .digest("base64url")
    .slice(0, 16);
  const { status, output, code } = await call(turn.delivery, tool, asked, `${scope}:${tool.name}:${hash}`, context);
  // Only a human should speak about an action whose outcome is unknown.
  if (status !== "done") turn.handOff = { why: `${tool.name} ${status}${code === undefined ? "" : `: ${code}`}` };
  return note(turn, { ...asked, status, ...(output === undefined ? {} : { output }) });
}

/** A human has taken over: nothing more is said or done. */
export function silence(turn: Turn): TurnEnd {
  turn.isSilent = true;
  return "silent";
}

// --- internal ---

const AGENT = "conversationalist";

const onlyReads = ({ tool }: ConversationTool, { toolNamed }: TurnContext): boolean => toolNamed(tool)?.effect === "read";

/** Calls a tool with the author's fixed values and the customer's values. The same key is the same call. */
async function call(
  delivery: OpenDelivery,
  tool: ConversationTool,
  asked: Asked,
  given: string,
  context: TurnContext,
): Promise<CallResult> {
  const key = await keyFor(delivery, tool, asked, given, context);
  const written = render(tool.fixed, delivery.frozen);
  if ("problem" in written) return { key, status: "failed", code: "CONTENT_REJECTED" };
  const input = { ...(written.fields.with as JsonObject) };
  for (const [path, value] of Object.entries(asked.input)) placeAt(input, splitPath(path), visibleText(value));
  const planned = { tool: tool.tool, key, input, delivery };
  if (onlyReads(tool, context)) return context.lookUp(planned);
  const [outcome] = await context.dispatch([planned]);
  return outcome ?? { key, status: "uncertain" };
}

/**
 * A tool that runs once per period for a customer has the same key during that period, in any turn and under any of the
 * customer's ids.
 */
async function keyFor(
  { customerId, experienceId, at }: OpenDelivery,
  { name, once }: ConversationTool,
  { input }: Asked,
  given: string,
  { lastCall }: TurnContext,
): Promise<string> {
  if (once === undefined) return given;
  const beginningFor = (id: string): string => `${idFrom("once", id, experienceId, name, canonicalJson({ ...input }))}:`;
  return (await lastCall(customerId, at - once, beginningFor)) ?? `${beginningFor(customerId)}${given}`;
}

function note(turn: Turn, done: Done): Done {
  const known = turn.done.findIndex(
    ({ tool, input }) => tool === done.tool && canonicalJson({ ...input }) === canonicalJson({ ...done.input }),
  );
  if (known >= 0) turn.done.splice(known, 1);
  turn.done.push(done);
  turn.steps.push({ agent: AGENT, ms: 0, called: done.tool, input: { ...done.input }, status: done.status });
  return done;
}

/** A tool's arguments must occur in the customer's own messages: neither a model nor a document can inject them. */
function wasWritten(value: string, { messages, before }: Turn): boolean {
  const own = [...messages, ...before.filter(({ by }) => by === "customer").map(({ text }) => text)];
  return own.some((text) => folded(text).includes(folded(value)));
}
