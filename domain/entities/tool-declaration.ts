import type { JsonObject } from "../values/json.ts";
import type { Governance } from "./policy.ts";

/**
 * Declaration of a tool's use, beside its input and its code. Every check, plan and call of the tool reads it; an omitted member has
 * the restrictive value.
 */
export interface ToolDeclaration {
  /**
   * Input fields that a customer may fill in through an assistant, by path; a path ending in a dot opens everything below it. Omitted:
   * none, and `check` refuses an experience that `asks` for one.
   */
  readonly asks?: readonly string[];
  /** False: an assistant calls it at once. Omitted: the customer confirms first, unless the experience says `confirm: false`. */
  readonly confirm?: boolean;
  /**
   * True: a call changes only the record of its customer and sets no timer, so a replay decides other customers concurrently. Omitted:
   * later signals of the stream are decided after the call.
   */
  readonly staysWithCustomer?: boolean;
  /** True: a call opens a service case; a hand-off to a human after it opens no second one. Omitted: it opens none. */
  readonly opensCase?: boolean;
  /**
   * What in an author's input is above a ceiling of the workspace: the field, and why. Values that are rendered or filled in later are
   * missing from it; the tool itself keeps to the ceiling with these. Omitted: no ceiling applies to it.
   */
  readonly aboveCeiling?: (input: JsonObject, governance: Ceilings) => { readonly at: string; readonly why: string } | undefined;
}

/** The ceilings of `governance` that tools keep to. */
export type Ceilings = Pick<Governance, "offers">;

/** Whether a customer may fill in a field of the input. */
export const mayFillIn = ({ asks = [] }: ToolDeclaration, path: string): boolean =>
  asks.some((open) => path === open || (open.endsWith(".") && path.startsWith(open)));

/** Whether the customer confirms a call first, unless the experience states otherwise. */
export const mustBeConfirmed = ({ confirm = true }: ToolDeclaration): boolean => confirm;

/** Whether a replay may decide other customers concurrently with a call; false for an unknown tool. */
export const staysWithCustomer = (tool: ToolDeclaration | undefined): boolean => tool?.staysWithCustomer ?? false;

/** Whether a call opens a service case. */
export const opensCase = (tool: ToolDeclaration | undefined): boolean => tool?.opensCase ?? false;
