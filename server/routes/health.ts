import { z } from "zod";
import { describeApi } from "../openapi.ts";
import { json } from "../reply.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { Problem } from "../schemas.ts";

const State = z.object({
  status: z.string(),
  reason: z.string().optional(),
  warning: z.string().optional().describe("What an operator should know of a process that is ready."),
});

/** Liveness, readiness and metrics of the process. `all` are the routes that are described. */
export const healthRoutes = (all: () => readonly AnyRoute[]): readonly AnyRoute[] => [
  defineRoute({
    method: "get",
    path: "/healthz",
    access: "open",
    summary: "Liveness: whether the process runs, with or without its database.",
    gives: { 200: { description: "It does.", schema: State } },
    run: () => json({ status: "ok" }),
  }),
  defineRoute({
    method: "get",
    path: "/readyz",
    access: "open",
    summary: "Readiness: whether it should get requests.",
    gives: {
      200: { description: "It should.", schema: State },
      503: { description: "Not ready, with the reason.", schema: Problem, type: "application/problem+json" },
    },
    async run({ service }) {
      const reason = await service.whyNotReady();
      const warning = service.warning();
      if (reason === undefined) return json({ status: "ok", ...(warning === undefined ? {} : { warning }) });
      const body = { type: "about:blank", title: "not ready", status: 503, detail: reason };
      return new Response(JSON.stringify(body), { status: 503, headers: { "content-type": "application/problem+json" } });
    },
  }),
  defineRoute({
    method: "get",
    path: "/metrics",
    access: "open",
    summary: "Metrics of this process in the Prometheus format. No customers, no ids.",
    gives: { 200: { description: "The metrics.", type: "text/plain" } },
    run: async ({ service }) =>
      new Response(await service.metrics.text(), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } }),
  }),
  defineRoute({
    method: "get",
    path: "/openapi.json",
    access: "open",
    summary: "This description.",
    gives: { 200: { description: "OpenAPI 3.1.", schema: z.looseObject({ openapi: z.string() }) } },
    run: () => json(describeApi(all())),
  }),
];
