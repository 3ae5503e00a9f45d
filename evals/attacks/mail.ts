import type { TakenMail } from "../../testing/providers/smtp-provider.ts";

/** A mail as its reader sees it, and anomalies in its envelope and headers. */
export function readMail({ from, to, raw }: TakenMail): Outgoing {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const headers = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headersOf = (name: string): string[] =>
    headers.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());
  const subject = headersOf("subject").map(words).join(" ");
  const strange = [
    ...["cc", "bcc", "reply-to", "sender"].flatMap((name) => headersOf(name).map((value) => `${name}: ${value}`)),
    ...(to.length === 1 ? [] : [`${to.length} recipients`]),
    ...headersOf("to")
      .filter((value) => value !== to[0])
      .map((value) => `to: ${value}`),
    ...headersOf("from")
      .filter((value) => value !== "Northwind <care@northwind.example>")
      .map((value) => `from: ${value}`),
  ];
  return { channel: "email", to: to[0] ?? "", from, text: `${subject}\n${bodyOf(`${head}\r\n\r\n${rest.join("\r\n\r\n")}`)}`, strange };
}

// --- internal ---

/** All decoded parts of a mail. */
function bodyOf(raw: string): string {
  const parts = [...raw.matchAll(/Content-Transfer-Encoding: ([\w-]+)\r\n(?:[^\r\n]+\r\n)*\r\n([\s\S]*?)(?=\r\n--[^\r\n]+|$)/gi)];
  return parts.map(([, encoding = "", body = ""]) => decoded(encoding.toLowerCase(), body)).join("\n");
}

function decoded(encoding: string, body: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  return encoding === "quoted-printable" ? quoted(body.replace(/=\r\n/g, "")) : body;
}

const quoted = (text: string): string => {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return bytes === text ? text : Buffer.from(bytes, "latin1").toString("utf8");
};

/** Decoded words of a header. */
const words = (value: string): string =>
  value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === "b" ? Buffer.from(text, "base64").toString("utf8") : quoted(text.replaceAll("_", " ")),
    );

/** A message at a provider, and its recipient. */
export interface Outgoing {
  readonly channel: "email" | "sms";
  readonly to: string;
  readonly from: string;
  /** Subject and body as a reader sees them. */
  readonly text: string;
  /** Additional recipients, and unexpected headers. */
  readonly strange: readonly string[];
}
