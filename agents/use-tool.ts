import { createHash } from "node:crypto";
import type { ConversationTool } from "../domain/entities/policy.ts";
import { canonicalJson } from "../domain/values/json.ts";
import { folded } from "./text-parts.ts";
import type { Asked, Done, Turn, TurnContext, TurnEnd } from "./turn.ts";

export const WAITS = "waits for the customer's word";

/** Calls a tool for the assistant: only those it was given, only with what the customer wrote, and not before she confirmed. */
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
  if (tool.confirm !== undefined && !context.onlyReads(tool)) return note(turn, { ...asked, status: WAITS });
  return doIt(turn, tool, asked, turn.delivery.deliveryId, context);
}

/** Does it, for the first time or again: where it was done before, nothing more is done. */
export async function doIt(turn: Turn, tool: ConversationTool, asked: Asked, scope: string, context: TurnContext): Promise<Done> {
  const hash = createHash("sha256")
    .update(canonicalJson({ ...asked.input }))
    .digest("base64url")
    .slice(0, 16);
  const { status, output, code } = await context.call(turn, tool, asked, `${scope}:${tool.name}:${hash}`);
  // Of what is not known to be done nobody should speak but a human.
  if (status !== "done") turn.handover = { why: `${tool.name} ${status}${code === undefined ? "" : `: ${code}`}` };
  return note(turn, { ...asked, status, ...(output === undefined ? {} : { output }) });
}

/** A human has the word: nothing more is said or done. */
export function silence(turn: Turn): TurnEnd {
  turn.isSilent = true;
  return "silent";
}

// --- internal ---

const AGENT = "conversationalist";

function note(turn: Turn, done: Done): Done {
  const known = turn.done.findIndex(
    ({ tool, input }) => tool === done.tool && canonicalJson({ ...input }) === canonicalJson({ ...done.input }),
  );
  if (known >= 0) turn.done.splice(known, 1);
  turn.done.push(done);
  turn.steps.push({ agent: AGENT, ms: 0, called: done.tool, input: { ...done.input }, status: done.status });
  return done;
}

/** What goes into a tool stands in the customer's own messages: neither a model nor a document can put it there. */
function wasWritten(value: string, { messages, before }: Turn): boolean {
  const own = [...messages, ...before.filter(({ by }) => by === "customer").map(({ text }) => text)];
  return own.some((text) => folded(text).includes(folded(value)));
}
