import type { SiteKey } from "../../domain/identity/key-rights.ts";
import type { HttpRequest } from "../http-request.ts";
import { problem } from "../problem.ts";
import { type Given, withHeaders } from "../reply.ts";
import type { Access } from "../route.ts";

/** Routes that pages of other origins may call: those of site keys, and no other. */
export const isForSites = (access: Access): boolean => access === "ask" || access === "receipts";

/** What browsers are told about requests from other origins. */
export interface Cors {
  /** The answer to a preflight request, which carries no key: the origin has to be one of a site key. */
  preflight(request: Pick<HttpRequest, "headers">): Given;
  /** Lets the page read a response when its origin is one of a site key. */
  open(request: Pick<HttpRequest, "headers">, given: Given): Given;
}

export function createCors(keys: readonly Pick<SiteKey, "origins">[]): Cors {
  const origins = new Set(keys.flatMap((key) => key.origins));
  const open: Cors["open"] = ({ headers }, given) => {
    const origin = headers.get("origin");
    const allowed = origin !== null && origins.has(origin) ? { "access-control-allow-origin": origin } : {};
    // A cache must not give the response for one origin to another, nor that for none.
    return withHeaders(given, { vary: "Origin", ...allowed });
  };
  return {
    open,
    preflight(request) {
      const isAllowed = origins.has(request.headers.get("origin") ?? "");
      return open(
        request,
        isAllowed ? new Response(null, { status: 204, headers: PREFLIGHT }) : problem("FORBIDDEN", "no site key has this origin"),
      );
    },
  };
}

// --- internal ---

/** No credentials: a key is sent by the page itself, cookies never. */
const PREFLIGHT = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};
