import { getCustomer } from "./get-customer.ts";
import { httpRequest } from "./http-request.ts";
import { issueOffer } from "./issue-offer.ts";
import { openCase } from "./open-case.ts";
import { openPromise } from "./open-promise.ts";
import { sendMessage } from "./send-message.ts";
import type { AnyTool } from "./tool.ts";
import { updateTraits } from "./update-traits.ts";

/** Every tool that comes with the product. */
export const tools: readonly AnyTool[] = [getCustomer, httpRequest, issueOffer, openCase, openPromise, sendMessage, updateTraits];

/** Tools that an experience may name as its action. */
export const actionTools: readonly string[] = tools
  .filter(({ effect }) => effect === "record" || effect === "write")
  .map(({ name }) => name);
