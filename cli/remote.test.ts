import { expect, test } from "vitest";
import { remoteOperations } from "./remote.ts";

/** A server that returns the request. */
function recorder() {
  const asked: [string, unknown?][] = [];
  const operations = remoteOperations({
    get: async <T>(path: string) => {
      asked.push([path]);
      return { tasks: [{ taskId: "t-1" }], pauses: [] } as T; // The response's shape is irrelevant here.
    },
    post: async <T>(path: string, body?: unknown) => {
      asked.push([path, body]);
      return { changed: true } as T;
    },
  });
  return { asked, operations };
}

test("lists are requested with the given filters only", async () => {
  const { asked, operations } = recorder();
  expect(await operations.tasks.list({ limit: 5, all: false, queue: "show room" })).toEqual([{ taskId: "t-1" }]);
  expect(await operations.approvals.list({ limit: 5, all: true, customerId: "c&1" })).toEqual([]);
  expect(asked).toEqual([["/v1/tasks?limit=5&queue=show+room"], ["/v1/approvals?limit=5&all=true&customerId=c%261"]]);
});

test("a list that is asked for page by page is the whole answer, with its cursor", async () => {
  const { asked, operations } = recorder();
  expect(await operations.tasks.list({ limit: 5, paged: true, cursor: "a.b" })).toMatchObject({ tasks: [{ taskId: "t-1" }] });
  expect(asked).toEqual([["/v1/tasks?limit=5&cursor=a.b"]]);
});

test("a list that the server has cut is reported", async () => {
  const warned: string[] = [];
  const tasks = (count: number) => {
    const get = async <T>() => ({ tasks: Array.from({ length: count }, () => ({})) }) as T; // The tasks themselves are irrelevant here.
    return remoteOperations({ get, post: get }, (text) => void warned.push(text)).tasks;
  };
  await tasks(1_000).list({ limit: 1_000 });
  await tasks(999).list({ limit: 5_000 });
  expect(warned).toEqual([]);
  expect(await tasks(1_000).list({ limit: 5_000 })).toHaveLength(1_000);
  expect(warned).toEqual([expect.stringContaining("a server lists 1000 at most, so the rest is missing")]);
});

test("the acting user is named, and ids cannot alter the path", async () => {
  const { asked, operations } = recorder();
  const actor = { by: "olga", note: "why" };
  await operations.tasks.claim({ id: "../pause", takeOver: true }, actor);
  await operations.tasks.done({ id: "t-1", contacted: "call" }, { by: "olga" });
  await operations.runs.retry({ id: "r-1", force: false }, actor);
  await operations.customers.erase({ id: "c 1" }, actor);
  await operations.customers.merge({ id: "c/1", into: "c/2" }, actor);
  await operations.customers.lift({ id: "c-1", address: "a@example.org" }, actor);
  await operations.dead.revive({ ids: ["x_1"], all: false }, actor);
  await operations.dead.discard({ ids: [], code: "22P02", all: true }, { by: "olga" });
  await operations.pauses.resume({ target: { scope: "channel", name: "sms" } }, { by: "olga" });
  expect(asked).toEqual([
    ["/v1/tasks/..%2Fpause/claim", { ...actor, takeOver: true }],
    ["/v1/tasks/t-1/done", { by: "olga", contacted: "call" }],
    ["/v1/runs/r-1/retry", { ...actor, force: false }],
    ["/v1/customers/c%201/erase", actor],
    ["/v1/customers/c%2F1/merge", { ...actor, into: "c/2" }],
    ["/v1/customers/c-1/lift", { ...actor, address: "a@example.org" }],
    ["/v1/dead/revive", { ...actor, ids: ["x_1"] }],
    ["/v1/dead/discard", { by: "olga", code: "22P02", all: true }],
    ["/v1/resume", { by: "olga", target: { scope: "channel", name: "sms" } }],
  ]);
});
