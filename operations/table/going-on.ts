import { z } from "zod";
import { ListedCalls, ListedDeliveries, ListedErasures } from "../monitoring/queries.ts";
import { CallsView, DeliveriesView, ErasedView, OverviewView } from "../monitoring/views.ts";
import { DeliveryView, SignalView } from "../why/views.ts";
import { pages, show } from "./declared.ts";

// Look-ups of what goes on: hand-overs, calls, signals, and all of it in short.

export const goingOn = {
  calls: {
    list: {
      ...show("/v1/calls", "Calls of tools: those that are open or went wrong, or those of a customer, the latest first.", CallsView),
      input: ListedCalls,
    },
  },
  deliveries: {
    list: {
      ...show("/v1/deliveries", "Deliveries that are open or went wrong, or those of a customer, the latest first.", DeliveriesView),
      input: ListedDeliveries,
    },
    show: {
      ...show("/v1/deliveries/{id}", "A delivery with its text, facts, history, receipts and the provider's answer.", DeliveryView),
      permission: "content",
    },
  },
  erasures: {
    list: pages(
      "erasures",
      "When and by whom people were erased, the latest first; who they were is not kept.",
      ListedErasures,
      ErasedView,
    ),
  },
  overview: {
    show: show("/v1/overview", "What waits for people, what is late, what is stuck, and today against the usual day.", OverviewView),
  },
  signals: {
    show: {
      ...show("/v1/signals/{source}/{id}", "One signal as it came, also one that waits or was given up.", SignalView),
      permission: "content",
      input: z.object({}) as unknown as z.ZodType<{ readonly source: string }>,
    },
  },
} as const;
