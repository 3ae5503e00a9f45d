import { expect, test } from "vitest";
import { askWords, pictureSentence, sentenceOf, type Why, wonWords } from "./answer.ts";

const why = (given: Partial<Why>): Why => ({
  ...{ customerId: "c-1", experienceId: "e", at: "", timezone: "UTC", answer: "•••", outcome: "held", looks: [] },
  rungs: [{ id: "funnel", question: "Did it pass every stage and win?", state: "no", says: "•••", details: [] }],
  searched: { from: "", to: "", whole: true },
  ...given,
});

test.each([
  ["the answer itself", why({ answer: "It did not go." }), "It did not go."],
  [
    "masked, with what is no text",
    why({ stoppedAt: "funnel", heldBy: { stage: "timing", code: "cap_reached" } }),
    "e did not go to c-1. Did it pass every stage and win? No (timing: the limit of contacts is reached).",
  ],
  ["masked, of one that went", why({ outcome: "went" }), "e went to c-1."],
  [
    "masked, of one that waits",
    why({ outcome: "waits", stoppedAt: "funnel", rungs: [{ id: "funnel", question: "Won?", state: "waits", says: "•••", details: [] }] }),
    "e has not gone yet to c-1. Won? Not yet.",
  ],
])("%s", (_title, given, wanted) => expect(sentenceOf(given)).toBe(wanted));

test.each([
  [{ department: "service", queue: "showroom", about: "the promise reply" }, "service, queue showroom, about the promise reply"],
  [{ person: "ann", about: "the pause" }, "ann, about the pause"],
  [{ about: "the catalogue" }, "the catalogue"],
])("whom to ask: %j", (ask, wanted) => expect(askWords(ask)).toBe(wanted));

test.each([
  [{ verdict: "chosen" }, "it"],
  [{ verdict: "chosen", variant: "short" }, "it, variant short"],
  [{ verdict: "eligible", winner: "news" }, "news"],
  [{ verdict: "ineligible" }, "nothing"],
])("of a decision with %j the winner is told as %s", (look, wanted) => expect(wonWords(look)).toBe(wanted));

test.each<[string, Why, string]>([
  ["stopped", why({ stoppedAt: "funnel" }), "It stopped at step 1 of 1."],
  [
    "waiting",
    why({ stoppedAt: "funnel", rungs: [{ id: "funnel", question: "Won?", state: "waits", says: "tomorrow", details: [] }] }),
    "It waits at step 1 of 1.",
  ],
  ["not stopped", why({}), "Every step, from the catalogue to what came of it."],
])("the picture of one that is %s, in a sentence", (_title, given, wanted) => expect(pictureSentence(given)).toBe(wanted));
