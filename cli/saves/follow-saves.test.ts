import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SentientError } from "../../domain/errors.ts";
import type { PublishedView } from "../../operations/versions/views.ts";
import { followSaves } from "./follow-saves.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-saves-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const good: PublishedView = {
  ...{ policyVersion: "0123456789abcdef", changed: true },
  files: [{ file: "experiences/hello.yaml", change: "changed" }],
};

test("a save is published and says what changed; problems are printed once, until a save without any", async () => {
  const said: string[] = [];
  const tell = (line: string): void => void said.push(line);
  let answer = async (): Promise<PublishedView> => good;
  let tick = (): void => {};
  const following = followSaves(
    dir,
    { note: tell, warn: tell },
    () => answer(),
    (run) => {
      tick = run;
      return () => {};
    },
  );
  let saves = 0;
  const save = async (): Promise<string[]> => {
    writeFileSync(join(dir, "sentient.yaml"), "x".repeat(++saves));
    for (let n = 0; n < 2; n++) {
      tick();
      await following.stop();
    }
    return said.splice(0);
  };
  expect(await save()).toEqual(["changed experiences/hello.yaml", "0123456789ab is in force"]);
  answer = async () => {
    throw new SentientError("BAD_CONFIG", "the workspace has 1 problem\nexperiences/hello.yaml:4: oops");
  };
  expect(await save()).toEqual(["the version in force stays as it is: the workspace has 1 problem", "experiences/hello.yaml:4: oops"]);
  expect(await save()).toEqual([]);
  answer = async () => ({ ...good, changed: false });
  expect(await save()).toEqual([]);
  answer = async () => good;
  expect(await save()).toHaveLength(2);
});
