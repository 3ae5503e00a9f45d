import { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { shown } from "../../domain/identity/masking.ts";
import { may, ROLES } from "../../domain/identity/roles.ts";
import { iso } from "../../domain/values/time.ts";
import { SessionView } from "../../operations/access/views.ts";
import type { Service } from "../../runtime/service.ts";
import type { Person } from "../access/person.ts";
import { cookieFor, whyForeign } from "../access/site.ts";
import { jsonBody } from "../json-body.ts";
import { problem } from "../problem.ts";
import { json } from "../reply.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** Sessions: signing in and out, the own one, the list, and ending others. */
const SignedIn = z.object({
  person: shown(
    z.object({
      name: z.string(),
      role: z.string(),
      permissions: z.array(z.string()),
      via: z.enum(["operator key", "key", "session", "proxy"]),
    }),
  ),
  workspace: shown(z.object({ name: z.string(), zone: z.string() })),
  version: shown(z.string()),
  at: z.string().describe("The time of the server, by which the console counts: a demo plays at another time."),
  policyVersion: z.string(),
});

const Credentials = z
  .object({ key: z.string().min(1).max(1_000).optional(), code: z.string().min(1).max(200).optional() })
  .refine(({ key, code }) => (key === undefined) !== (code === undefined), "expected either key or code");

const Ended = z.object({ changed: z.boolean() });

/** Nothing has to be said, and what is said has to be JSON. */
const NOTHING = jsonBody(z.object({}));

/** Signing in to the console, and out. */
export const sessionRoutes: readonly AnyRoute[] = [
  defineRoute({
    method: "get",
    path: "/v1/session",
    access: "read",
    summary: "Who asks: name, role and permissions, with the workspace and its version.",
    gives: { 200: { description: "The person of the key or session.", schema: SignedIn } },
    run: ({ person, service }) => json(signedIn(person as Person, service)),
  }),
  defineRoute({
    method: "post",
    path: "/v1/session",
    access: "proved",
    summary: "Signs a browser in, with a key or the code of a link: the answer sets a cookie. Only from a page of the console.",
    body: jsonBody(Credentials),
    gives: {
      200: { description: "Signed in.", schema: SignedIn },
      400: problemAnswer("Neither a key nor a code, or both."),
      401: problemAnswer("The key is unknown, or the code unknown, used or older than five minutes."),
      403: problemAnswer("Not from a page of the console, or from a browser that does not say so."),
      429: problemAnswer("Too many wrong keys from this address."),
    },
    async run({ body, request, service, site, door, isGuessing }) {
      const header = (name: string) => request.headers.get(name) ?? undefined;
      if (!site) return problem("FORBIDDEN", "this server is not at the address that the browser has; see SENTIENT_PUBLIC_URL");
      const foreign = whyForeign({ method: request.method, header }, site.origin);
      if (foreign !== undefined) return problem("FORBIDDEN", foreign);
      const person = door.admits(body);
      if (!person) {
        service.metrics.add("sentient_keys_refused_total");
        if (isGuessing("session")) return problem("OVERLOADED", "too many wrong keys; wait a minute", {}, { "retry-after": "60" });
        return problem(
          "UNAUTHORIZED",
          body.key === undefined ? "this link was used, or is older than five minutes" : "this key is unknown",
        );
      }
      const { token } = await service.sessions.begin(person);
      return json(signedIn({ name: person.name, role: person.role, via: "session" }, service), 200, {
        "set-cookie": cookieFor(site, token),
      });
    },
  }),
  defineRoute({
    method: "post",
    path: "/v1/session/end",
    access: "read",
    summary: "Signs out: ends the session of this request. A key has none.",
    body: NOTHING,
    gives: { 200: { description: "Whether there was a session.", schema: Ended } },
    async run({ person, service, site }) {
      const { sessionId, name } = person as Person;
      const changed = sessionId !== undefined && (await service.sessions.end(sessionId, { name, onlyOwn: true }));
      return json({ changed }, 200, site && sessionId !== undefined ? { "set-cookie": cookieFor(site, undefined) } : {});
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/sessions",
    access: "read",
    summary: "Who is signed in, the latest used first: one's own sessions, for an admin those of all.",
    gives: { 200: { description: "The sessions.", schema: z.object({ sessions: z.array(SessionView.extend({ current: z.boolean() })) }) } },
    async run({ person, service }) {
      const { name, role, sessionId } = person as Person;
      const sessions = await service.sessions.list(may(role, "admin") ? undefined : name);
      return json({ sessions: sessions.map((one) => ({ ...one, current: one.id === sessionId })) });
    },
  }),
  defineRoute({
    method: "post",
    path: "/v1/sessions/{id}/end",
    access: "read",
    summary: "Ends a session: one's own, or as an admin anybody's.",
    body: NOTHING,
    gives: { 200: { description: "Ended.", schema: Ended }, 404: problemAnswer("No such session, or that of somebody else.") },
    async run({ params: { id }, person, service }) {
      const { name, role } = person as Person;
      if (!(await service.sessions.end(id, { name, onlyOwn: !may(role, "admin") })))
        throw new SentientError("NOT_FOUND", `no session ${id}: it has ended, or it is somebody else's, which an admin may end`);
      return json({ changed: true });
    },
  }),
];

// --- internal ---

const signedIn = ({ name, role, via }: Person, { policy, version, now }: Service): z.infer<typeof SignedIn> => ({
  person: { name, role, permissions: [...ROLES[role]], via },
  workspace: { name: policy.name, zone: policy.timezone },
  version,
  at: iso(now()),
  policyVersion: policy.version,
});
