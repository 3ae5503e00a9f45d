import { createHmac, timingSafeEqual } from "node:crypto";
import { isObject, type JsonObject, parseGuarded } from "../../domain/values/json.ts";
import { HOUR, type Instant, iso, MINUTE, SECOND } from "../../domain/values/time.ts";

/** What a token has to fit. */
export interface TokenCheck {
  readonly secret: string;
  readonly now: Instant;
  /** Names of this use; a token with `aud` has to name one of them. */
  readonly audiences: readonly string[];
}

/** The customer whom a token names, or why it is refused. */
export type TokenReading = { readonly ok: true; readonly customerId: string } | { readonly ok: false; readonly problem: string };

/**
 * Verifies a JSON Web Token of a site: HS256 and nothing else, `sub` the customer, `exp` ahead by at most an hour. `nbf` and `aud` hold
 * where they are given. The signature is checked before anything of the payload is read.
 */
export function readToken(token: string, { secret, now, audiences }: TokenCheck): TokenReading {
  if (token.length > LIMITS.maxBytes) return refused(`longer than ${LIMITS.maxBytes} characters`);
  const [, head = "", payload = "", signature = ""] = COMPACT.exec(token) ?? [];
  if (head === "") return refused("expected a JSON Web Token in compact form: three parts with dots between them");
  const header = objectIn(head);
  if (!header) return refused("its header is no JSON object");
  if (header.alg !== "HS256") return refused("expected the algorithm HS256");
  // An extension that has to be understood is not understood here (RFC 7515, 4.1.11).
  if ("crit" in header) return refused("its header has critical extensions, and none is known here");
  if (!isSignedBy(secret, `${head}.${payload}`, signature)) return refused("its signature is not by SENTIENT_SITE_SECRET");
  const claims = objectIn(payload);
  return claims ? customerIn(claims, now, audiences) : refused("its payload is no JSON object");
}

// --- internal ---

const LIMITS = { maxBytes: 4 * 1024, maxDepth: 16 };

/** Base64url without padding, as RFC 7515 wants it. */
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** How far ahead a token may end. */
const MAX_AHEAD = HOUR;

/** The skew allowed between the site's clock and ours, for `nbf`. */
const SKEW = MINUTE;

const MAX_ID = 512;

const refused = (problem: string): TokenReading => ({ ok: false, problem: `token: ${problem}` });

function objectIn(part: string): JsonObject | undefined {
  const read = parseGuarded(Buffer.from(part, "base64url").toString("utf8"), LIMITS);
  return read.ok && isObject(read.value) ? (read.value as JsonObject) : undefined;
}

function isSignedBy(secret: string, signed: string, signature: string): boolean {
  const expected = createHmac("sha256", secret).update(signed).digest("base64url");
  // Compared as text: several texts decode to the same bytes.
  return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}

function customerIn({ sub, exp, nbf, aud }: JsonObject, now: Instant, audiences: readonly string[]): TokenReading {
  if (typeof sub !== "string" || sub.trim() === "" || sub.length > MAX_ID) return refused("expected sub, the id of a customer");
  if (typeof exp !== "number") return refused("expected exp, in seconds since 1970");
  const end = exp * SECOND;
  if (end <= now) return refused(`has expired; it was valid until ${isoOf(end)}`);
  if (end > now + MAX_AHEAD) return refused(`exp is ${isoOf(end)}, more than an hour ahead`);
  if (nbf !== undefined && (typeof nbf !== "number" || nbf * SECOND > now + SKEW)) return refused("is not valid yet (nbf)");
  if (aud !== undefined && ![aud].flat().some((one) => typeof one === "string" && audiences.includes(one)))
    return refused("aud names neither this site key nor one of its origins");
  return { ok: true, customerId: sub };
}

/** Years beyond the calendar have no ISO form. */
const isoOf = (at: number): string => (Math.abs(at) < 8.64e15 ? iso(at) : "out of the calendar");
