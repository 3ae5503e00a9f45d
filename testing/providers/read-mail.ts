/** A parsed mail: headers unfolded, parts by content type with their text decoded. */
export interface Mail {
  readonly header: (name: string) => string[];
  readonly headers: readonly string[];
  readonly parts: Readonly<Record<string, string>>;
}

/** Parses a mail as sent over the wire. */
export function readMail(raw: string): Mail {
  const [head = ""] = raw.split("\r\n\r\n", 1);
  const headers = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? "?";
  const parts = raw.split(`--${boundary}`).slice(1, -1);
  return {
    headers,
    header: (name) =>
      headers.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `)).map((line) => line.slice(name.length + 2)),
    parts: Object.fromEntries(parts.map((part) => [/Content-Type: ([a-z/]+)/.exec(part)?.[1] ?? "?", decoded(part)])),
  };
}

/** The decoded text of a header, also of encoded words (RFC 2047). */
export const wordsIn = (text: string): string =>
  text.replace(/=\?UTF-8\?[QB]\?([^?]*)\?=\s?/gi, (whole, inside: string) =>
    /\?B\?/i.test(whole)
      ? Buffer.from(inside, "base64").toString()
      : Buffer.from(
          inside.replaceAll("_", " ").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
          "latin1",
        ).toString(),
  );

// --- internal ---

function decoded(part: string): string {
  const body = part.slice(part.indexOf("\r\n\r\n") + 4);
  if (/base64/i.test(part.split("\r\n\r\n")[0] ?? "")) return Buffer.from(body, "base64").toString();
  if (!/quoted-printable/i.test(part.split("\r\n\r\n")[0] ?? "")) return body;
  const bytes = body.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
