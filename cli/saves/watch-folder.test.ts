import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFolderWatch } from "./watch-folder.ts";

let dir = "";
let saved = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-watch-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(join(dir, "sentient.yaml"), "name: Shop\n");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("a save is told once it is still: in place, by renaming, of a new file and folder, of a deleted one; what is no file of a workspace is not", async () => {
  const watch = createFolderWatch(dir, async () => void saved++);
  const after = async (change: () => void): Promise<number[]> => {
    saved = 0;
    change();
    const told: number[] = [];
    for (let n = 0; n < 3; n++) {
      await watch.look();
      told.push(saved);
    }
    return told;
  };
  const once = [0, 1, 1];
  const never = [0, 0, 0];
  const at = (name: string) => join(dir, name);
  expect(await after(() => {})).toEqual(never);
  expect(await after(() => writeFileSync(at("sentient.yaml"), "name: Our shop\n"))).toEqual(once);
  expect(await after(() => writeFileSync(at("experiences/e.yaml"), "id: e\n"))).toEqual(once);
  const byRenaming = (): void => {
    writeFileSync(at("saving"), "id: f\n");
    renameSync(at("saving"), at("experiences/e.yaml"));
  };
  expect(await after(byRenaming)).toEqual(once);
  const inNewFolder = (): void => {
    mkdirSync(at("templates/deep"), { recursive: true });
    writeFileSync(at("templates/deep/t.liquid"), "Hello");
  };
  expect(await after(inNewFolder)).toEqual(once);
  expect(await after(() => rmSync(at("templates"), { recursive: true }))).toEqual(once);
  for (const name of ["signals.jsonl", "experiences/.e.yaml.swp"]) expect(await after(() => writeFileSync(at(name), "x"))).toEqual(never);
});

test("what is being written is waited for", async () => {
  const watch = createFolderWatch(dir, async () => void saved++);
  saved = 0;
  for (let n = 0; n < 3; n++) {
    writeFileSync(join(dir, "experiences/large.yaml"), "x".repeat(n));
    await watch.look();
  }
  expect(saved).toBe(0);
  await watch.look();
  expect(saved).toBe(1);
});
