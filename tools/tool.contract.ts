import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { mayFillIn, mustBeConfirmed, opensCase, staysWithCustomer } from "../domain/entities/tool-declaration.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { placeAt, splitPath } from "../domain/values/path.ts";
import { aCustomer, NOW } from "../testing/builders.ts";
import type { AnyTool, RecordContext } from "./tool.ts";

export interface ToolUnderTest {
  readonly tool: AnyTool;
  /** An input that it takes; left out where it has no schema of its own (`send`). */
  readonly input?: JsonObject;
  /** What it gives back for it. Left out for our own rows, which are not checked field by field. */
  readonly output?: JsonObject;
}

/** What every tool promises, the product's and a workspace's own. */
export function toolContract({ tool, input = {}, output }: ToolUnderTest): void {
  const verbNoun = /^[a-z]+(_[a-z]+)+$/;

  describe(`the contract of tools: ${tool.name}`, () => {
    test("its name is a verb and a noun, and its description is a sentence", () => {
      expect(tool.name).toMatch(verbNoun);
      expect(tool.description).toMatch(/^[A-Z].{10,300}\.$/);
    });

    test("its output is checked: something else fails, and what is not declared is not kept", () => {
      expect(tool.output.safeParse("something else").success).toBe(false);
      if (output !== undefined) expect(tool.output.parse({ ...output, planted: 1 })).toEqual(output);
    });

    test("who may do what is closed unless it is declared", () => {
      expect([mayFillIn({}, "any"), mustBeConfirmed({}), staysWithCustomer({}), opensCase({})]).toEqual([false, true, false, false]);
      const fields = Object.keys(input).filter((field) => !(tool.asks ?? []).some((open) => open.split(".")[0] === field));
      expect(fields.filter((field) => mayFillIn(tool, field) || mayFillIn(tool, `${field}.below`))).toEqual([]);
    });

    if (tool.effect === "send") return;
    inputContract(tool, input);
    if (tool.effect === "write")
      test("the same call has the same idempotency key, and a key is a text", () => {
        const keyOf = (call = { key: "m_1:action", customerId: "c-1" }) => tool.idempotencyKey(structuredClone(input) as never, call);
        expect(keyOf()).toBe(keyOf());
        expect(keyOf()).toMatch(/./);
      });
    if (tool.effect === "record") recordContract(tool, input);
  });
}

// --- internal ---

function inputContract(tool: Extract<AnyTool, { input: z.ZodType }>, input: JsonObject): void {
  test("its input is checked: an unknown key and nothing at all are refused", () => {
    expect(tool.input.safeParse(input).error).toBeUndefined();
    expect(tool.input.safeParse({ ...input, planted: 1 }).success).toBe(false);
    expect(tool.input.safeParse(undefined).success).toBe(false);
  });

  test.each(tool.asks ?? [])("a customer's words fit into the field that it opens: %s", (path) => {
    const filled = structuredClone(input);
    placeAt(filled, splitPath(path.endsWith(".") ? `${path}field` : path), "what the customer wrote");
    expect(tool.input.safeParse(filled).error).toBeUndefined();
  });
}

function recordContract(tool: Extract<AnyTool, { effect: "record" }>, input: JsonObject): void {
  const context: RecordContext = { customer: aCustomer(), golden: {} as never, now: NOW, ceilings: {}, seq: 7, key: "m_1:action" };
  const applied = () => tool.apply(tool.input.parse(input) as never, context);

  test("the same call gives the same changes and output, which its schema takes", () => {
    expect(applied()).toEqual(applied());
    expect(tool.output.safeParse(applied().output).error).toBeUndefined();
  });

  test("its changes are those that it declares", () => {
    const types = applied().changes.map(({ type }) => type);
    expect(types.includes("timer_set") && staysWithCustomer(tool)).toBe(false);
    expect(types.includes("case_opened")).toBe(opensCase(tool));
  });
}
