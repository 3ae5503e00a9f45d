import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { webhookReaders } from "../../testing/webhook-readers.ts";
import { formOf, jsonOf, objectOf, paramsIn } from "./body.ts";

const request = (rawBody: Uint8Array, type = "application/json") => ({
  headers: { "content-type": type },
  rawBody,
  url: "https://x.example/",
});
const latin1 = (text: string) => Buffer.from(text, "latin1");
const FORM = "application/x-www-form-urlencoded";
const NO = { ok: false, problem: "the body is not UTF-8" };

test.each([
  ["ISO 8859-1", latin1('{"text":"Jürgen"}')],
  ["UTF-16", Buffer.from('\uFEFF{"a":1}', "utf16le")],
  ["half a character", Buffer.from([0x22, 0xf0, 0x9f, 0x22])],
])("F9: JSON of a webhook in %s is refused", (_, bytes) => {
  expect(jsonOf(request(bytes))).toEqual(NO);
});

test("F9: a byte order mark is no part of a webhook's JSON", () => {
  expect(objectOf(request(Buffer.from('\uFEFF{"a":"ü"}')))).toEqual({ ok: true, value: { a: "ü" } });
});

test.each(["Body=J%FCrgen", "Body=J\xfcrgen", "B%FF=1", "Body=%ED%A0%80", "Body=%C3"])(
  "F9: a form %s that is not UTF-8 is refused",
  async (text) => {
    expect(paramsIn(request(latin1(text), FORM))).toEqual(NO);
    expect(await formOf(request(latin1(text), FORM))).toEqual(NO);
  },
);

test.each([
  ["Body=J%C3%BCrgen", "Jürgen"],
  ["Body=100%", "100%"],
  ["Body=%EF%BF%BD", "\ufffd"],
  ["Body=a+b", "a b"],
])("F9: a form %s is read", (text, value) => {
  expect(paramsIn(request(Buffer.from(text), FORM))).toEqual({ ok: true, value: new Map([["Body", value]]) });
});

test("F4: ids in a webhook's JSON keep every digit, and other long numbers are refused with their path", () => {
  expect(objectOf(request(Buffer.from('{"subject":1524831183200260097,"data":{"caseId":9007199254740993}}')))).toEqual({
    ok: true,
    value: { subject: "1524831183200260097", data: { caseId: "9007199254740993" } },
  });
  expect(objectOf(request(Buffer.from('{"data":{"n":9007199254740993}}')))).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^data\.n is/),
  });
});

test("F9: a text message that is signed and not UTF-8 is a bad request, and not a garbled message", async () => {
  const twilio = webhookReaders.find(({ provider }) => provider === "twilio");
  const read = twilio?.open({ authToken: "secret" } as never, "sms");
  const [url, rawBody] = ["https://x.example/hook", latin1("Body=J%FCrgen&MessageSid=S1")];
  const signature = createHmac("sha1", "secret").update(`${url}BodyJ\ufffdrgenMessageSidS1`).digest("base64");
  const headers = { "content-type": FORM, "x-twilio-signature": signature };
  expect(await read?.({ headers, rawBody, url }, 0)).toEqual({ kind: "bad_request", problem: "the body is not UTF-8" });
});
