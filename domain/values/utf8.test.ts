import { expect, test } from "vitest";
import { decodeText, textOfFile } from "./utf8.ts";

test("UTF-8 is read, without its byte order mark", () => {
  expect(decodeText(Buffer.from("\uFEFFname: Jürgen 𠮷\n"))).toEqual({ ok: true, text: "name: Jürgen 𠮷\n" });
  expect(decodeText(new Uint8Array())).toEqual({ ok: true, text: "" });
});

test.each<[string, Buffer, RegExp]>([
  ["ISO 8859-1", Buffer.from("a: 1\nb: J\xfcrgen\nc: 2\n", "latin1"), /^f:2: is not UTF-8/],
  ["half a character at the end", Buffer.from([0x61, 0x0a, 0xf0, 0x9f]), /^f:2: is not UTF-8/],
  ["surrogates in UTF-8", Buffer.from([0x61, 0xed, 0xa0, 0x80]), /^f:1: is not UTF-8/],
  ["longer forms than needed", Buffer.from([0x61, 0xc0, 0x80]), /^f:1: is not UTF-8/],
  ["UTF-16", Buffer.from("\uFEFFname: x", "utf16le"), /^f:1: is UTF-16, expected UTF-8/],
  ["UTF-16 without a mark", Buffer.from("name: x", "utf16le").swap16(), /^f:1: is UTF-16, expected UTF-8/],
])("F9: %s is refused with file and line", (_, bytes, problem) => {
  expect(() => textOfFile("f", bytes)).toThrow(problem);
});
