import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { inShort } from "../testing/tell.ts";

const POLICY = policyOf("moments: {m: {on: case.closed, expires: 1d}}");

describe.each(enginesAt(process.env.DATABASE_URL))("cases on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options);

  test("W10: are listed, and closed once by their whole id, as the signal case.closed does; others name the open ones", async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "case.opened", { caseId: 17, queue: "garage" }],
      ["2026-06-01T15:01:00Z", "case.opened", { caseId: "K-1" }],
    ]);
    const { cases } = opened.operations;
    const of = (id: string) => ({ id, customerId: "c-1" });
    expect(await cases.list({ limit: 9 })).toEqual([
      { caseId: "17", customerId: "c-1", queue: "garage", openedAt: "2026-06-01T15:00:00Z", state: "open" },
      { caseId: "K-1", customerId: "c-1", openedAt: "2026-06-01T15:01:00Z", state: "open" },
    ]);
    await expect(cases.close(of("1"), { by: "olga" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "c-1 has no case 1; open: 17, K-1",
    });
    await expect(cases.close({ id: "17", customerId: "nobody" }, { by: "olga" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "no customer nobody in the store",
    });
    const closed = await cases.close(of("17"), { by: "olga", note: "mended" });
    expect(closed).toMatchObject({ caseId: "17", state: "closed", changed: true });
    expect((await opened.judge(closed)).map(inShort)).toEqual(["06-01 15:01:00.001 deliver e@box"]);
    await expect(cases.close(of("17"), { by: "olga" })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("open: K-1"),
    });
    expect((await cases.list({ limit: 9 })).map(({ caseId }) => caseId)).toEqual(["K-1"]);
    expect((await cases.list({ limit: 9, all: true })).map(({ caseId, state }) => `${caseId} ${state}`)).toEqual(["K-1 open", "17 closed"]);
    expect(await opened.operations.audit.list({ limit: 9 })).toMatchObject([{ by: "olga", action: "case.closed", target: "17" }]);
  });
});
