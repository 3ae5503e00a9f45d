import { expect, test } from "vitest";
import { checkTexts } from "../testing/policy.ts";
import { describeProblem } from "./problem.ts";

function problemsOf(options: string, environment: Record<string, string> = {}): string[] {
  const checked = checkTexts(`channels: {box: {kind: file}, care: {${options}}}`, undefined, { environment });
  return checked.ok ? [] : checked.problems.map(describeProblem);
}

test.each([
  "kind: smtp",
  'kind: smtp, url: "${SMTP_URL}", from: "${FROM}"',
  'kind: smtp, url: "${SMTP_URL:-smtp://localhost:1025}", from: "Care <care@example.com>", replyTo: a@example.com',
  'kind: smtp, inbound: {provider: postmark, username: "${PM_USER}", password: "${PM_PASSWORD}"}',
  'kind: twilio, accountSid: "${SID}", authToken: "${TOKEN}", messagingServiceSid: MG1, statusCallback: https://care.example/v1/webhooks/sms',
  'kind: push, subject: "mailto:a@example.com", publicKey: "${KEY:-not-set}", ttl: 60',
  "kind: chat, url: https://hooks.example.com/x, inbound: {provider: slack}",
  "kind: webhook, url: http://10.0.0.1/in, secret: anything, headers: {a: b}, allowPrivate: true, dedupes: true",
])("a channel may say {%s}, also while its variables are not set", (options) => expect(problemsOf(options)).toEqual([]));

test.each([
  ["kind: smtp, adress: email", /unknown key adress; did you mean address\?/],
  ["kind: smtp, url: mail.example.com", /expected the address of a mail server/],
  ["kind: smtp, url: https://mail.example.com", /expected the address of a mail server/],
  ["kind: smtp, from: Care", /expected a mail address/],
  ["kind: smtp, inbound: {provider: pigeon}", /expected provider to be one of sendgrid, postmark/],
  ["kind: smtp, inbound: {provider: sendgrid, secret: x}", /unknown key secret/],
  ["kind: twilio, statusCallback: care.example", /expected an address like https/],
  ["kind: webhook, url: file:///etc/passwd", /expected an address like https/],
  ["kind: webhook, dedupes: maybe", /expected true or false/],
  ["kind: push, ttl: -1", /expected a whole number from 0/],
  ["kind: pigeon", /expected kind to be one of/],
  ["kind: webhok", /unknown kind webhok; did you mean webhook\?/],
])("a channel may not say {%s}", (options, problem) => expect(problemsOf(options).join("\n")).toMatch(problem));

test("the value of a variable is checked as if written there, and not repeated in messages", () => {
  const options = 'kind: smtp, url: "${SMTP_URL}"';
  expect(problemsOf(options, { SMTP_URL: "smtps://u:p@mail.example.com" })).toEqual([]);
  const problems = problemsOf(options, { SMTP_URL: "http://care:s3cret@mail.example.com" });
  expect(problems.join("\n")).toMatch(/expected the address of a mail server/);
  expect(problems.join("\n")).not.toContain("s3cret");
});
