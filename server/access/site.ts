// Where a browser meets this server, and whether a request of it comes from our own pages. Cookies alone prove neither: they know no
// ports, and a name of somebody else may be made to lead here.

/** The address of the console as a browser has it. */
export interface Site {
  /** `https://care.example.com`, as a browser writes it into `Origin`. */
  readonly origin: string;
  /** The name of the session's cookie. */
  readonly cookie: string;
  readonly isSecure: boolean;
}

/**
 * The site that a `Host` header names: the public address, or loopback with any port, which a tunnel may change. Undefined for any
 * other: a foreign name that leads here (DNS rebinding).
 */
export function siteOf(host: string | undefined, publicUrl: string | undefined): Site | undefined {
  if (host === undefined) return undefined;
  if (publicUrl !== undefined && new URL(publicUrl).host === host.toLowerCase() && !isLoopback(publicUrl)) return publicSite(publicUrl);
  const address = `http://${host}`;
  if (!URL.canParse(address) || new URL(address).host !== withoutDefaultPort(host) || !isLoopback(address)) return undefined;
  // Cookies know no ports: two servers of one machine would share a name.
  return { origin: new URL(address).origin, cookie: `sentient-${new URL(address).port || "80"}`, isSecure: false };
}

/** The headers of a request that state its origin. */
export interface Origins {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
}

/** Why a request that a browser authenticates by itself is refused; undefined if it comes from a page of the site. */
export function whyForeign({ method, header }: Origins, origin: string): string | undefined {
  const from = header("sec-fetch-site");
  const reads = method === "GET" || method === "HEAD";
  if (from === undefined)
    return "this browser does not say where a request comes from (Sec-Fetch-Site), which browsers do over https and on this machine";
  // What a person types, or has as a bookmark.
  const isTyped = from === "none" && reads && header("sec-fetch-mode") === "navigate" && header("sec-fetch-dest") === "document";
  if (from !== "same-origin" && !isTyped) return "a session is used from pages of the console alone, and this request comes from elsewhere";
  const said = header("origin");
  if (reads ? said !== undefined && said !== origin : said !== origin) return `a session is used from ${origin} alone`;
  if (!reads && !JSON_TYPES.test(header("content-type") ?? "")) return "with a session, what is sent is JSON, with its content type";
  return undefined;
}

/** The value of a cookie in a `Cookie` header; undefined where it is missing or there twice. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

/** A `Set-Cookie` header that keeps a token for the session, or with undefined removes it. */
export const cookieFor = ({ cookie, isSecure }: Site, token: string | undefined): string =>
  [
    `${cookie}=${token ?? ""}`,
    "HttpOnly",
    "SameSite=Strict",
    "Path=/",
    ...(isSecure ? ["Secure"] : []),
    ...(token === undefined ? ["Max-Age=0"] : []),
  ].join("; ");

// --- internal ---

const JSON_TYPES = /^application\/(?:json|x-ndjson)\s*(?:;|$)/i;

function publicSite(publicUrl: string): Site {
  const { origin, protocol, port } = new URL(publicUrl);
  const isSecure = protocol === "https:";
  return { origin, cookie: isSecure ? "__Host-sentient" : `sentient-${port || "80"}`, isSecure };
}

const isLoopback = (address: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(new URL(address).hostname);

const withoutDefaultPort = (host: string): string => host.toLowerCase().replace(/:80$/, "");
