import { act, list, Nothing, show, type Table } from "../table/declared.ts";
import type { CanaryOperations } from "./canaries.ts";
import { ApprovedCanary, CanaryView, CourseView, StoppedCanary } from "./views.ts";

export const canaryTable = {
  canaries: {
    list: list("canaries", "Experiences that are tried on a share of customers, with what their guards see.", Nothing, CanaryView),
    show: show("/v1/canaries/{id}", "One canary, with what its guards have seen over time.", CourseView),
    stop: act("operate", "/v1/canaries/{id}/stop", "Stops a canary for all customers.", Nothing, StoppedCanary),
    approve: act(
      "admin",
      "/v1/canaries/{id}/approve",
      "Publishes a version in which the canary is approved for all customers.",
      Nothing,
      ApprovedCanary,
    ),
  },
} as const satisfies Table<CanaryOperations>;
