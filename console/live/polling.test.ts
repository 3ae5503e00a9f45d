import { expect, test } from "vitest";
import { createPolling } from "./polling.ts";

type Overview = Readonly<Record<string, unknown>>;

function asking(shown: readonly string[] = []) {
  let answer: Overview | undefined;
  const looks: string[] = [];
  const polling = createPolling({
    ask: async () => answer,
    refresher: {
      take: ({ topic, customerId }) => looks.push(customerId ?? topic),
      takeAll: (ids) => looks.push(["all", ...ids].join(" ")),
    },
    shown: () => shown,
  });
  return {
    ...{ looks, rest: polling.rest },
    async poll(after: Overview | undefined) {
      answer = after;
      await polling.poll();
    },
  };
}

test("the first poll after the stream was lost finds that anything may have changed, the next ones what differs", async () => {
  const { poll, looks, rest } = asking(["c-1"]);
  await poll({ pauses: [], queues: [] });
  expect(looks.splice(0)).toEqual(["all c-1"]);
  await poll({ pauses: [], queues: [] });
  expect(looks).toEqual([]);
  await poll(undefined);
  await poll({ pauses: ["sms"], queues: [] });
  expect(looks.splice(0)).toEqual(["pauses", "c-1"]);
  rest();
  await poll({ pauses: ["sms"], queues: [] });
  expect(looks).toEqual(["all c-1"]);
});
