import { END } from "@langchain/langgraph/web";
import { expect, test } from "vitest";
import { afterCheck, afterStep } from "./conversation.ts";

test("a step leads to the next, to a human, or to the end", () => {
  expect(afterStep({ ended: "on" }, "talk")).toBe("talk");
  expect(afterStep({ ended: "hand_off" }, "talk")).toBe("hand_off");
  expect(afterStep({ ended: "silent" }, "talk")).toBe(END);
});

test("text with findings is written once more", () => {
  expect(afterCheck({ ended: "revise" })).toBe("talk");
  expect(afterCheck({ ended: "on" })).toBe("answer");
  expect(afterCheck({ ended: "hand_off" })).toBe("hand_off");
});
