import { expect, test } from "vitest";
import { files } from "./main.ts";
import { commands } from "./usage.js";

test("every command that the help lists can be run, and the other way round", () => {
  expect(Object.keys(files).sort()).toEqual(commands.map(({ name }) => name).sort());
});

test.each(Object.entries(files))("%s loads", async (_name, load) => {
  expect((await load()).command).toMatchObject({ run: expect.any(Function) });
});
