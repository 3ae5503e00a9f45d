import { expect, test } from "vitest";
import type { Mark } from "../../store/reading/marks.ts";
import { hintsBetween } from "./hints.ts";

const marks = (topics: Readonly<Record<string, string>>): Mark[] =>
  Object.entries(topics).map(([name, mark]) =>
    name.startsWith("c-") ? { topic: "customer", customerId: name, mark } : { topic: name as Mark["topic"], mark },
  );

test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, readonly object[]]>([
  ["nothing moved", { tasks: "1", "c-1": "5" }, { tasks: "1", "c-1": "5" }, []],
  ["a topic moved", { tasks: "1", audit: "8" }, { tasks: "2", audit: "8" }, [{ topic: "tasks" }]],
  ["a mark that goes back is a change too", { dead: "2" }, { dead: "1" }, [{ topic: "dead" }]],
  ["several, in the order of reading", { tasks: "1", pauses: "0" }, { pauses: "1", tasks: "2" }, [{ topic: "pauses" }, { topic: "tasks" }]],
  ["one of two customers", { "c-1": "5", "c-2": "5" }, { "c-1": "5", "c-2": "6" }, [{ topic: "customer", customerId: "c-2" }]],
  ["a customer who is watched from now on gives no hint", { tasks: "1" }, { tasks: "1", "c-1": "5" }, []],
  ["a customer whose record has gone does", { "c-1": "5" }, {}, [{ topic: "customer", customerId: "c-1" }]],
  ["the first reading", {}, { tasks: "1", "c-1": "5" }, []],
])("hints: %s", (_, before, after, hints) => {
  expect(hintsBetween(marks(before), marks(after))).toEqual(hints);
});
