import { z } from "zod";
import { isObject } from "../../domain/values/json.ts";
import { type Fields, objectOf, paramsIn, textIn } from "../inbound/body.ts";
import { accepted, badRequest, defineProvider, headerOf, instantOf, messageSignals, refused } from "../inbound/reader.ts";
import type { WebhookReading, WebhookRequest } from "../inbound/webhook.ts";
import { hmac, isSame, isStale } from "../signature.ts";

/** Messages to a Slack app: messages and mentions of the Events API, and slash commands. */
export const slackInbound = defineProvider({
  provider: "slack",
  options: z.object({ signingSecret: z.string("expected the signing secret of the Slack app").min(1) }),
  open:
    ({ signingSecret }, channel) =>
    (request, now) => {
      const seconds = headerOf(request, "x-slack-request-timestamp");
      const signature = headerOf(request, "x-slack-signature");
      if (seconds === undefined || signature === undefined) return refused("signature_missing");
      const expected = `v0=${hmac("sha256", signingSecret, `v0:${seconds}:`, request.rawBody).toString("hex")}`;
      if (!isSame(signature, expected)) return refused("signature_wrong");
      if (isStale(seconds, now)) return refused("stale");
      return isForm(request) ? commandIn(request, channel) : eventIn(request, channel);
    },
});

// --- internal ---

const isForm = (request: WebhookRequest): boolean =>
  (headerOf(request, "content-type") ?? "").startsWith("application/x-www-form-urlencoded");

function commandIn(request: WebhookRequest, channel: string): WebhookReading {
  const form = paramsIn(request);
  if (!form.ok) return badRequest(form.problem);
  const fields = form.value;
  const id = fields.get("trigger_id");
  // Buttons and other interactions arrive as forms too; they carry no signal.
  if (id === undefined) return accepted([]);
  const data = { text: `${fields.get("command") ?? ""} ${fields.get("text") ?? ""}`.trim(), thread: fields.get("channel_id") };
  return accepted(messageSignals({ channel, id, who: user(fields.get("team_id"), fields.get("user_id")), data }));
}

function eventIn(request: WebhookRequest, channel: string): WebhookReading {
  const body = objectOf(request);
  if (!body.ok) return badRequest(body.problem);
  if (body.value.type === "url_verification") {
    return accepted([], { contentType: "text/plain", body: textIn(body.value, "challenge") });
  }
  const { event } = body.value;
  if (body.value.type !== "event_callback" || !isObject(event)) return badRequest("expected an event_callback");
  if (!isFromPerson(event)) return accepted([]);
  // A mention also arrives as a message event: its channel and timestamp identify it, not the event id.
  const place = textIn(event, "channel");
  const id = `${place}:${textIn(event, "ts")}`;
  const data = { text: textIn(event, "text"), thread: `${place}:${textIn(event, "thread_ts") || textIn(event, "ts")}` };
  const who = user(textIn(body.value, "team_id"), textIn(event, "user"));
  return accepted(messageSignals({ channel, id, at: instantOf(textIn(event, "ts")), who, data }));
}

/** Bot messages, edits and joins are not messages of a customer. */
const isFromPerson = (event: Fields): boolean =>
  (event.type === "message" || event.type === "app_mention") &&
  event.bot_id === undefined &&
  (event.subtype === undefined || event.subtype === "file_share") &&
  textIn(event, "user") !== "";

const user = (team: string | undefined, id: string | undefined) => (id ? [{ type: "slack", value: `${team ?? ""}:${id}` }] : []);
