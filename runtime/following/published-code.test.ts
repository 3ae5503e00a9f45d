import { expect, test } from "vitest";
import type { Bundle, Store } from "../../store/store.ts";
import { hashOf } from "../code/bundle.ts";
import { publishedCode } from "./published-code.ts";

const CODE = `import { z } from "zod";
export const ring = {
  ...{ name: "ring", description: "Ring.", effect: "read", timeoutMs: 1000, input: z.strictObject({}), output: z.object({}) },
  run: async () => ({}),
};`;
const bundle: Bundle = { file: "tools/ring.ts", hash: hashOf(CODE), code: CODE };
const codeOf = (bundles: Bundle[] | undefined) =>
  publishedCode({ versions: { bundles: async () => bundles } as Partial<Store["versions"]> as Store["versions"] }); // It reads nothing else.
const files = (text: string) => new Map(["sentient.yaml", "tools/ring.ts"].map((name) => [name, Buffer.from(text)]));

test("the code that was kept with a version is run; versions with the same code have the same tools", async () => {
  const of = codeOf([bundle]);
  const one = await of(files("one"));
  expect(one).toMatchObject({ tools: [{ name: "ring" }], channels: [] });
  expect(await of(files("other"))).toBe(one);
});

test("a version without code needs none; one whose code was not kept says so, and code that is another is not run", async () => {
  expect(await codeOf(undefined)(new Map([["sentient.yaml", Buffer.from("")]]))).toEqual({ tools: [], channels: [] });
  expect(await codeOf(undefined)(files("one"))).toMatchObject({ lacks: expect.stringContaining("publish it again from its folder") });
  await expect(
    codeOf([{ ...bundle, hash: "0".repeat(64), code: `${CODE}\nglobalThis.wasRung = true;` }])(files("one")),
  ).rejects.toMatchObject({
    code: "BAD_CONFIG",
    message: expect.stringContaining("tools/ring.ts"),
  });
  expect(globalThis).not.toHaveProperty("wasRung");
});
