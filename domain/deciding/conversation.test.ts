import { expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { Story } from "../../testing/story.ts";

const POLICY = policyOf(
  `
  moments: {message: {on: message.received, expires: 2d}}
  channels: {box: {kind: file}, chat: {kind: file}}
  governance: {quietHours: [{from: "00:00", to: "23:59"}]}
  `,
  [
    "id: answer\nserves: [message]\ntransactional: true\nchannels: {box: {text: Hello}, chat: {text: Hello}}\nconverse: {brief: Help., settle: 10s}",
  ],
);
const hello = { channel: "chat", text: "Hello" };

test("while the customer may still be writing the answer waits, and then goes to the channel of the message", () => {
  const story = new Story(POLICY).signal("2026-06-01T15:00:00Z", "message.received", hello);
  expect(story.last).toMatchObject({ action: "defer", until: "2026-06-01T15:00:10Z", reasons: [{ code: "suppressed" }] });
  story.signal("2026-06-01T15:00:09Z", "message.received", hello).until("2026-06-01T15:01:00Z");
  expect(story.told.slice(1)).toEqual([
    "2026-06-01T15:00:09Z defer answer until 2026-06-01T15:00:19Z",
    "2026-06-01T15:00:19Z deliver answer",
  ]);
  expect(story.last.channel).toBe("chat");
});

test("a message answered by a human is not answered again", () => {
  const story = new Story(POLICY).signal("2026-06-01T15:00:00Z", "message.received", hello);
  story.signal("2026-06-01T15:00:05Z", "human.touch", { kind: "chat" }).until("2026-06-01T16:00:00Z");
  expect(story.last).toMatchObject({ action: "silence", reasons: [{ code: "goal_met" }] });
});

test("while a human handles the conversation the assistant is silent", () => {
  const story = new Story(POLICY, undefined, { isTakenOver: true }).signal("2026-06-01T15:00:00Z", "message.received", hello);
  expect(story.last).toMatchObject({ action: "silence", reasons: [{ code: "human_takeover" }] });
});

test("the turn covers all messages known at the time of the decision", () => {
  const story = new Story(POLICY).signal("2026-06-01T15:00:00Z", "message.received", hello, { seq: 7 }).until("2026-06-01T15:01:00Z");
  const decided = story.changes.filter((change) => change.type === "decided").at(-1);
  expect(decided?.delivery).toMatchObject({ at: at("2026-06-01T15:00:10Z"), frozen: { conversation: { upTo: 7 } } });
});
