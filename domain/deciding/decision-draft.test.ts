import { expect, test } from "vitest";
import { aCustomer, aSignal, signalWake } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decisionIn, wakeUp } from "../../testing/story.ts";

test("a wake has one decision, whichever version of the policy makes it: what was planned for it is not planned again", () => {
  const versions = ["Hello", "Good day"].map((text) =>
    policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", [
      `id: e\nserves: [m]\nchannels: {box: {text: ${text}}}`,
    ]),
  );
  const wake = signalWake(aSignal("go"));
  const [first, second] = versions.map((policy) => decisionIn(wakeUp(aCustomer(), wake, policy).changes));
  expect(first?.action).toBe("deliver");
  expect([first?.policyVersion, second?.policyVersion]).toEqual(versions.map(({ version }) => version));
  expect(second?.decisionId).toBe(first?.decisionId);
});
