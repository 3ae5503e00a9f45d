import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLines, type Line, linesIn } from "./lines.ts";

const lines = (text: string | Uint8Array, maxBytes = 100) => linesIn(typeof text === "string" ? Buffer.from(text) : text, maxBytes);
const shown = (found: readonly Line[]) => found.map((one) => ("text" in one ? `${one.line}:${one.text}` : `${one.line}!${one.problem}`));

test("lines end with LF, CR LF or CR, and blank ones count without being given", () => {
  expect(shown(lines('{"a":1}\n\n \n{"b":2}\r\n{"c":3}\r{"d":4}\n\r\n{"e":5}'))).toEqual([
    '1:{"a":1}',
    '4:{"b":2}',
    '5:{"c":3}',
    '6:{"d":4}',
    '8:{"e":5}',
  ]);
});

test("a line separator of Unicode within a text ends no line", () => {
  expect(lines('{"a":"x\u2028y\u2029z\u0085"}')).toHaveLength(1);
});

test("the split into chunks does not show", () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "\r\n", "a", "ü", "𠮷", " ", "\uFEFF", "[", "long".repeat(8)), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (parts, sizes) => {
      const bytes = Buffer.from(parts.join(""));
      const cutter = cutLines(20);
      const found: Line[] = [];
      for (let from = 0, next = 0; from < bytes.length; next++) {
        const size = sizes[next] ?? 3;
        found.push(...cutter.push(bytes.subarray(from, from + size)));
        from += size;
      }
      expect([...found, ...cutter.end()]).toEqual(linesIn(bytes, 20));
    }),
  );
});

test("F9: a line that is not UTF-8 is rejected with its number, and the others are read", () => {
  const found = lines(Buffer.concat([Buffer.from('{"a":1}\n'), Buffer.from('{"n":"J\xfcrgen"}\n', "latin1"), Buffer.from('{"b":"ü"}\n')]));
  expect(shown(found)).toEqual(['1:{"a":1}', "2!is not UTF-8; save it as UTF-8", '3:{"b":"ü"}']);
});

test.each<[string, Buffer]>([
  ["UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"a":1}\n{"b":2}\n', "utf16le")])],
  ["UTF-16", Buffer.from('{"a":1}\n{"b":2}\n', "utf16le")],
  ["UTF-16", Buffer.from('\uFEFF{"a":1}\n', "utf16le").swap16()],
  ["UTF-16", Buffer.from('{"a":1}\n', "utf16le").swap16()],
  ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0])],
])("friction: %s is reported as such, once", (name, bytes) => {
  expect(shown(lines(bytes))).toEqual([`1!is ${name}, expected UTF-8; save it as UTF-8`]);
});

test("a byte order mark of UTF-8 is no part of the text", () => {
  expect(shown(lines('\uFEFF{"a":1}\n{"b":2}'))).toEqual(['1:{"a":1}', '2:{"b":2}']);
});

test.each([
  ['[{"a":1},{"b":2}]', []],
  ['\n[\n{"a":1},\n{"b":2}\n]', []],
  ['[{"a":1},\n{"b":2}]', []],
  [`[${'{"a":1},'.repeat(100)}1]`, []],
  ['[]\n{"a":1}', ['2:{"a":1}']],
])("friction: a JSON array instead of lines is reported as such, once (%#)", (text, others) => {
  const [first, ...rest] = shown(lines(text));
  expect(first).toMatch(/^\d!is a JSON array; expected one JSON object a line/);
  expect(rest).toEqual(others);
});

test("weak: a line of any length takes no more memory than is allowed, and is reported with its number and length", () => {
  const cutter = cutLines(1_000);
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const before = process.memoryUsage().arrayBuffers;
  expect(cutter.push(Buffer.from('{"a":1}\n'))).toHaveLength(1);
  for (let count = 0; count < 700; count++) expect(cutter.push(chunk)).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  expect(shown(cutter.push(Buffer.from('\n{"b":2}\n')))).toEqual([`2!${700 * 1024 * 1024} bytes, at most 1000 are taken`, '3:{"b":2}']);
});
