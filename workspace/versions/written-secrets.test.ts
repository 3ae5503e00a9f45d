import { expect, test } from "vitest";
import { checkTexts } from "../../testing/policy.ts";
import { describeProblem } from "../problem.ts";

/** Notes of `check` on secrets in these channels. */
function notesOn(channels: string): string[] {
  const { notes = [] } = checkTexts(`channels:\n${channels}`, ["channels: {}"]);
  return notes.map(describeProblem).filter((note) => note.includes("secret"));
}

test.each([
  ["a secret", "  crm: {kind: webhook, url: 'https://crm.example', secret: whsec_abc}", "channels.crm.secret", "CRM_SECRET"],
  ["a token", "  sms: {kind: twilio, authToken: 0a1b, accountSid: AC1, from: '+15550100'}", "channels.sms.authToken", "SMS_AUTH_TOKEN"],
  [
    "a password in an address",
    "  mail: {kind: smtp, url: 'smtp://me:hunter2@mail.example:587', from: a@b.example}",
    "channels.mail.url",
    "MAIL_URL",
  ],
  [
    "a password of a service that reports",
    "  mail: {kind: smtp, url: 'smtp://mail.example', from: a@b.example, inbound: {provider: postmark, username: u, password: p}}",
    "channels.mail.inbound.password",
    "MAIL_INBOUND_PASSWORD",
  ],
  [
    "a header with a key",
    "  crm: {kind: webhook, url: 'https://crm.example', secret: '${S}', headers: {X-Api-Key: k1}}",
    "channels.crm.headers.X-Api-Key",
    "CRM_HEADERS_X_API_KEY",
  ],
])("%s that is written out is told, with its line and a variable", (_, channels, path, variable) => {
  const [note = "", ...others] = notesOn(channels);
  expect(others).toEqual([]);
  expect(note).toMatch(new RegExp(`^sentient\\.yaml:2: ${path.replaceAll(".", "\\.")}: is a secret that is written out`));
  expect(note).toContain(`\${${variable}}`);
  for (const secret of ["whsec_abc", "0a1b", "hunter2", "k1"]) expect(note).not.toContain(secret);
});

test.each([
  ["a variable", "  crm: {kind: webhook, url: '${CRM_URL}', secret: '${CRM_SECRET}'}"],
  [
    "a variable with something that stands in for it",
    "  crm: {kind: webhook, url: 'https://crm.example', secret: '${CRM_SECRET:-whsec_not-set}'}",
  ],
  ["a password that is a variable", "  mail: {kind: smtp, url: 'smtp://me:${PASSWORD}@mail.example:587', from: a@b.example}"],
  ["an address without a password", "  crm: {kind: webhook, url: 'https://crm.example/a:b@c', secret: '${S}'}"],
  [
    "a key that is public",
    "  mail: {kind: smtp, url: 'smtp://m.example', from: a@b.example, inbound: {provider: sendgrid, publicKey: MFkw}}",
  ],
])("%s is no secret that is written out", (_, channels) => {
  expect(notesOn(channels)).toEqual([]);
});
