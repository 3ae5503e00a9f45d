import { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { eventStream } from "../event-stream.ts";
import type { HttpRequest } from "../http-request.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** Tabs of a browser share a stream, and each may show another customer. */
const MAX_CUSTOMERS = 20;

/** Changes as they happen, for open pages. */
export const streamRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "get",
    path: "/v1/stream",
    access: "read",
    summary:
      "Server-sent events: `hello` once changes are watched, then a `hint` {topic, customerId} for each thing that changed, to be read again; `bye` when the server stops or the session ends.",
    query: z.object({
      customer: z.string().min(1).max(512).optional().describe(`Also changes of this customer; may be given up to ${MAX_CUSTOMERS} times.`),
    }),
    gives: {
      200: { description: "Events until the client or the server ends it; a comment line every 15 seconds.", type: "text/event-stream" },
      400: problemAnswer("The query is not valid."),
      429: problemAnswer("Too many streams are open, or the server is stopping."),
    },
    async run({ service, request, actor, person }) {
      const customerIds = customersIn(request);
      let stop = (): void => {};
      const { response, writer } = eventStream(() => stop());
      stop = await service.changes.listen({
        owner: person?.sessionId ?? actor,
        sessionId: person?.sessionId,
        customerIds,
        onHint: (hint) => void writer.event("hint", hint),
        onAlive: () => void writer.comment("still here"),
        onBye: () => {
          writer.event("bye", {});
          writer.end();
        },
      });
      writer.event("hello", {});
      return response;
    },
  }),
];

// --- internal ---

function customersIn(request: HttpRequest): readonly string[] {
  const given = new URL(request.url).searchParams.getAll("customer");
  if (given.length > MAX_CUSTOMERS || given.some((one) => one === "" || one.length > 512))
    throw new SentientError("BAD_INPUT", `customer: expected at most ${MAX_CUSTOMERS} ids`);
  return given;
}
