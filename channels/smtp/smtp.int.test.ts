import { createVerify, generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOW } from "../../testing/builders.ts";
import type { TestProvider } from "../../testing/providers/http-provider.ts";
import { type Mail, readMail, wordsIn } from "../../testing/providers/read-mail.ts";
import { startSmtpProvider, type TakenMail } from "../../testing/providers/smtp-provider.ts";
import type { OutgoingMessage } from "../channel.ts";
import { smtp } from "./smtp.ts";

let server: TestProvider<TakenMail>;
beforeAll(async () => {
  server = await startSmtpProvider();
});
afterAll(() => server.close());

const ANN: OutgoingMessage = {
  deliveryId: "d_1",
  customerId: "c-1",
  channel: "email",
  to: "ann@example.com",
  content: { subject: "Your lease", body: "<p>Hello Ann &amp; Bob</p>" },
  at: NOW,
};

async function arrived(message: Partial<OutgoingMessage>, options: Record<string, unknown> = {}): Promise<TakenMail & Mail> {
  const given = smtp.options.parse({ url: server.url, from: "Northwind <care@northwind.example>", ...options });
  const channel = await smtp.connect(given, { dataDir: "" });
  try {
    await channel.send({ ...ANN, ...message }, { signal: new AbortController().signal });
  } finally {
    await channel.close?.();
  }
  const mail = server.taken.at(-1);
  if (!mail) throw new Error("nothing has arrived");
  return { ...mail, ...readMail(mail.raw) };
}

test("a mail has its sender, its one recipient, its subject, and its text in both forms", async () => {
  const mail = await arrived({});
  expect({ from: mail.from, to: mail.to }).toEqual({ from: "care@northwind.example", to: ["ann@example.com"] });
  expect(mail.header("From")).toEqual(["Northwind <care@northwind.example>"]);
  expect(mail.header("To")).toEqual(["ann@example.com"]);
  expect(mail.header("Subject")).toEqual(["Your lease"]);
  expect(mail.parts["text/html"]).toContain("<p>Hello Ann &amp; Bob</p>");
  expect(mail.parts["text/plain"]?.trim()).toBe("Hello Ann & Bob");
});

test("a body of MJML arrives as HTML and as text", async () => {
  const body = "<mjml><mj-body><mj-section><mj-column><mj-text>Zwölf Monate für Ann</mj-text></mj-column></mj-section></mj-body></mjml>";
  const { parts } = await arrived({ content: { subject: "Größe", body } });
  expect(parts["text/html"]).toMatch(/<table[\s\S]*Zwölf Monate für Ann/);
  expect(parts["text/html"]).not.toContain("<mj-");
  expect(parts["text/plain"]?.trim()).toBe("Zwölf Monate für Ann");
});

test("the same delivery has the same Message-ID, in the sender's domain", async () => {
  const ids = [await arrived({}), await arrived({}), await arrived({ deliveryId: "d_2" })].map((mail) => mail.header("Message-ID")[0]);
  expect(ids).toEqual(["<d_1@northwind.example>", "<d_1@northwind.example>", "<d_2@northwind.example>"]);
  const { header } = await arrived({ deliveryId: "x>\r\nBcc: eve@evil.example" });
  expect(header("Message-ID")[0]).toMatch(/^<[\w-]{43}@northwind\.example>$/);
});

test("an unsubscribe link is in both headers, and in none without one", async () => {
  const url = "https://care.northwind.example/v1/unsubscribe/eyJhIjoiYiJ9.abc-_def";
  const { header } = await arrived({ unsubscribeUrl: url });
  expect(header("List-Unsubscribe")).toEqual([`<${url}>`]);
  expect(header("List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
  expect((await arrived({})).headers.join("\n")).not.toContain("List-Unsubscribe");
});

test.each([
  ["sendgrid", "X-SMTPAPI", '{"unique_args":{"deliveryId":"d_1"}}'],
  ["mailgun", "X-Mailgun-Variables", '{"deliveryId":"d_1"}'],
  ["postmark", "X-PM-Metadata-deliveryId", "d_1"],
])("a mail through %s carries its delivery in %s", async (provider, name, value) => {
  const { header } = await arrived({}, { inbound: { provider } });
  expect(header(name)).toEqual([value]);
});

test("a delivery with special characters in its name stays one header too", async () => {
  const { header } = await arrived({ deliveryId: 'ä"\r\nBcc: eve@evil.example' }, { inbound: { provider: "mailgun" } });
  expect(header("Bcc")).toEqual([]);
  expect(JSON.parse(header("X-Mailgun-Variables")[0] ?? "")).toEqual({ deliveryId: 'ä"\r\nBcc: eve@evil.example' });
});

const INJECTIONS = [
  "x\r\nBcc: eve@evil.example",
  "x\nBcc: eve@evil.example",
  "x\rBcc: eve@evil.example",
  "x\u2028Bcc: eve@evil.example",
  "x\u0000\r\n\r\n<p>evil</p>",
];

test.each(INJECTIONS)("the subject %j stays one header", async (subject) => {
  const mail = await arrived({ content: { subject, body: "<p>Hello</p>" } });
  expect(mail.header("Bcc")).toEqual([]);
  expect(mail.to).toEqual(["ann@example.com"]);
  expect(wordsIn(mail.header("Subject")[0] ?? "")).toMatch(/^x (Bcc: eve@evil\.example|<p>evil<\/p>)$/);
  expect(Object.keys(mail.parts)).toEqual(["text/plain", "text/html"]);
});

test.each([
  ...INJECTIONS.map((text) => `ann@example.com${text}`),
  "ann@example.com, eve@evil.example",
  "ann@example.com; eve@evil.example",
  "Ann <ann@example.com>",
  "group: ann@example.com, eve@evil.example;",
  '"ann@example.com eve"@evil.example',
  "ann@example.com> ORCPT=rfc822;x",
  "ann",
  "@",
  "",
])("the address %j is refused, and nothing is sent", async (to) => {
  const before = server.taken.length;
  await expect(arrived({ to })).rejects.toMatchObject({ code: "UPSTREAM_FAILED", message: "the address is not a mail address" });
  expect(server.taken.length).toBe(before);
});

test.each([
  ...INJECTIONS.map((text) => `https://x.example/${text}`),
  "javascript:alert(1)",
  "https://x.example/>, <mailto:eve@evil.example",
  "",
])("the unsubscribe link %j is refused", async (unsubscribeUrl) => {
  await expect(arrived({ unsubscribeUrl })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
});

test("a mail can be signed, including the unsubscribe headers", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const dkim = { domain: "northwind.example", selector: "s1", privateKey };
  const mail = await arrived({ unsubscribeUrl: "https://x.example/u" }, { dkim });
  const signature = mail.header("DKIM-Signature")[0]?.replace(/\s/g, "") ?? "";
  const field = (name: string): string => new RegExp(`(?:^|;)${name}=([^;]*)`).exec(signature)?.[1] ?? "";
  const names = field("h").split(":");
  expect(names).toEqual(expect.arrayContaining(["list-unsubscribe", "list-unsubscribe-post", "subject", "from"]));
  const relaxed = (name: string, value: string): string => `${name.toLowerCase()}:${value.replace(/\s+/g, " ").trim()}`;
  const signed = names.map((name) => `${relaxed(name, mail.header(name)[0] ?? "")}\r\n`).join("");
  const own = relaxed("DKIM-Signature", (mail.header("DKIM-Signature")[0] ?? "").replace(/b=[^;]*$/, "b="));
  expect(createVerify("RSA-SHA256").update(`${signed}${own}`).verify(publicKey, field("b"), "base64")).toBe(true);
});

test("a mail whose connection is closed is not retried on another, whatever the server's DNS says", async () => {
  let tries = 0;
  const leaving = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onMailFrom: (_, __, done) => done(++tries === 2 ? Object.assign(new Error("4.3.2 closing"), { responseCode: 421 }) : null),
    onData: (stream, _, done) => void stream.resume().on("end", () => done()),
  });
  await new Promise<void>((resolve) => leaving.listen(0, "127.0.0.1", resolve));
  const { port } = leaving.server.address() as AddressInfo;
  const options = smtp.options.parse({ url: `smtp://127.0.0.1:${port}/?maxRequeues=5`, from: "care@northwind.example" });
  const channel = await smtp.connect(options, { dataDir: "" });
  const { signal } = new AbortController();
  await channel.send(ANN, { signal });
  await expect(channel.send({ ...ANN, deliveryId: "d_2" }, { signal })).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  expect(tries).toBe(2);
  await channel.close?.();
  await new Promise<void>((resolve) => leaving.close(resolve));
});

test.each([
  [{ url: "https://mail.example" }, "url"],
  [{ url: "smtp://" }, "url"],
  [{ from: "Northwind" }, "from"],
  [{ from: "a@b.example\r\nBcc: eve@evil.example" }, "from"],
  [{ from: undefined }, "from"],
])("%j is reported at the start, by its name", (options, path) => {
  const parsed = smtp.options.safeParse({ url: "smtp://localhost", from: "a@b.example", ...options });
  expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});

test.each([
  [550, "5.1.1 is unknown", true],
  [550, "5.1.10 is of a domain that takes no mail", true],
  [550, "5.2.1 is closed", true],
  [553, "5.1.3 is no address", true],
  [550, "No such user: is nobody", true],
  [550, "5.7.1 is not for you: we do not trust you", false],
  [550, "blocked: your server is on a list", false],
  [552, "5.2.2 is over quota", false],
  [450, "4.2.1 is unknown for now", false],
])("a recipient refused with %i %s is undeliverable: %s", async (code, text, isGone) => {
  const refusing = await startSmtpProvider({ code, text });
  refusing.behave("refuses");
  const failure = await arrived({}, { url: refusing.url }).catch((error) => error);
  await refusing.close();
  expect(failure).toMatchObject({ code: "UPSTREAM_FAILED" });
  expect(failure.details.addressGone).toBe(isGone ? true : undefined);
  expect(failure.message).not.toContain("ann@example.com");
});
