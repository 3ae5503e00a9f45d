import { expect, test } from "vitest";
import type { StoryGhost, StoryItem } from "../../../domain/story/story-item.ts";
import { storyInWords } from "./story-words.ts";

const item = (mark: StoryItem["mark"], given: Partial<StoryItem> = {}): StoryItem => ({
  ...{ id: mark, at: "2026-06-01T15:00:00Z", kind: "decision", lane: "all", title: "x", refs: [], mark },
  ...given,
});
const ghost: StoryGhost = { at: "", experienceId: "e", name: "E", department: "", channel: "", decisionId: "d" };

test.each([
  [
    "counts what was sent, held back and silent",
    [item("sent"), item("silent", { looks: 4, held: [{ experienceId: "e", reason: { code: "suppressed" } }] })],
    [],
    false,
    "1 message sent, 1 held back, 4 silent looks.",
  ],
  [
    "counts what was only recorded apart",
    [item("sent", { status: "recorded, not sent" }), item("sent", { status: "recorded, not sent" }), item("sent", { status: "delivered" })],
    [],
    false,
    "1 message sent, 2 messages recorded but not sent, 0 held back, 0 silent looks.",
  ],
  [
    "does not say that nothing was sent where all was recorded",
    [item("sent", { status: "recorded, not sent" })],
    [],
    false,
    "1 message recorded but not sent, 0 held back",
  ],
  [
    "names failures where there are some",
    [item("failed"), item("held")],
    [],
    false,
    "0 messages sent, 1 held back, 0 silent looks, 1 failure.",
  ],
  [
    "says what departments alone would have sent, without what was sent after all",
    [],
    [ghost, { ...ghost, sentAt: "2026" }],
    true,
    "Each department alone would have sent 1 message more.",
  ],
] as const)("%s", (_what, items, ghosts, isAlone, wanted) => {
  expect(storyInWords(items, ghosts, isAlone)).toContain(wanted);
});
