import type { TouchKind } from "../../domain/entities/customer.ts";

// What is asked about people. `id` is a customer's.

interface OfCustomer {
  readonly id: string;
}

interface InPages {
  readonly limit?: number | undefined;
  /** The `next` of the page after it. */
  readonly cursor?: string | undefined;
}

/** ISO 8601, ends included. */
interface Within {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface StoryRequest extends OfCustomer, InPages, Within {
  /** With what each department alone would have sent. */
  readonly ghosts?: boolean | undefined;
}

export type ContactsRequest = OfCustomer & Within;

export type ConversationRequest = OfCustomer & InPages;

/** With an open service case, with a promise that is late, with a cap that has no room left. */
export const CUSTOMER_FLAGS = ["open-case", "late-promise", "at-cap"] as const;
export type CustomerFlag = (typeof CUSTOMER_FLAGS)[number];

export interface CustomersRequest extends InPages {
  readonly flag?: CustomerFlag | undefined;
}

export interface SearchRequest {
  readonly q: string;
}

export interface TouchRequest extends OfCustomer {
  readonly kind: Exclude<TouchKind, "delivery">;
  /** The department it counts for under caps. */
  readonly department?: string | undefined;
  /** The same key again records nothing. */
  readonly key?: string | undefined;
}
