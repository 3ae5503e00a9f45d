import { expect, test } from "vitest";
import { createGroup } from "./group.ts";

/** Groups that end one by one, when told to. */
function held() {
  const groups: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const call = createGroup<number, string>((items) => {
    groups.push(items);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(items.map((item) => `answer ${item}`))));
    });
  });
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await turn();
    await turn();
  };
  return { call, groups, end };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("calls of one turn share a group, those that arrive while it runs the next one; each gets its own answer", async () => {
  const { call, groups, end } = held();
  const first = [call(1), call(2)];
  await turn();
  const later = [call(3), call(4), call(5)];
  await turn();
  expect(groups).toEqual([[1, 2]]);
  await end();
  expect(await Promise.all(first)).toEqual(["answer 1", "answer 2"]);
  await end();
  expect(groups).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(await Promise.all(later)).toEqual(["answer 3", "answer 4", "answer 5"]);
});

test("a failed group rejects its own calls, and the next one runs", async () => {
  const { call, end } = held();
  const failed = [call(1), call(2)].map((one) => one.catch((error: Error) => error.message));
  await turn();
  const next = call(3);
  await end(new Error("broken"));
  expect(await Promise.all(failed)).toEqual(["broken", "broken"]);
  await end();
  expect(await next).toBe("answer 3");
});
