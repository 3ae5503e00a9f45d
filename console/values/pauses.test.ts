import { expect, test } from "vitest";
import { PAUSABLE_AGENTS } from "../../domain/deciding/pause.ts";
import { PAUSABLE, pauseWords } from "./pauses.ts";

test("the agents that can be paused are those that the server knows", () => {
  expect(PAUSABLE).toEqual(PAUSABLE_AGENTS);
});

test("what a pause stops, in words", () => {
  expect([pauseWords({ scope: "all" }), pauseWords({ scope: "channel", name: "sms" })]).toEqual(["everything", "channel sms"]);
});
