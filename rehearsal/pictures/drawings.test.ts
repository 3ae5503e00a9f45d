import { describe, expect, test } from "vitest";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { type Drawing, NARROW, type Room, WIDE } from "./marks.ts";
import { picturesOf } from "./pictures.ts";

/** A character of a picture's text, at its size. */
const CHARACTER = 7;

/** How far marks and texts reach to the left and to the right. */
function reach({ marks }: Drawing): { readonly from: number; readonly to: number } {
  const ends = marks.flatMap((mark) => {
    if (mark.shape === "text") {
      const long = CHARACTER * [...mark.text].length;
      const from = { start: mark.x, middle: mark.x - long / 2, end: mark.x - long }[mark.anchor];
      return [from, from + long];
    }
    if (mark.shape === "rect") return [mark.x, mark.x + mark.width];
    if (mark.shape === "circle") return [mark.cx - mark.r, mark.cx + mark.r];
    if (mark.shape === "line") return [mark.x1, mark.x2];
    return [];
  });
  return { from: Math.min(...ends), to: Math.max(...ends) };
}

const LONG = "suppressed: the last two messages of this kind were not looked at by her";

describe.each<readonly [string, Room]>([
  ["a wide room", WIDE],
  ["a phone", NARROW],
])("the pictures in %s", (_, room) => {
  test.each([{}, { days: 1, paths: 1 }, { days: 365, paths: 2, customers: 4 }, { name: LONG }])("stay within it: %j", (given) => {
    for (const { draw } of picturesOf(aRehearsal(given).forward)) {
      const drawing = draw(room);
      const { from, to } = reach(drawing);
      expect([drawing.title, drawing.width, from >= -1, to <= room.width + 1]).toEqual([drawing.title, room.width, true, true]);
    }
  });

  test("name every row, a long one by its beginning with the whole of it", () => {
    const pictures = picturesOf(aRehearsal({ name: LONG }).forward);
    const experiences = pictures.find(({ heading }) => heading === "Difference by experience");
    const texts = experiences?.draw(room).marks.filter((mark) => mark.shape === "text") ?? [];
    expect(texts.map(({ whole, text }) => whole ?? text)).toEqual(expect.arrayContaining(["call", LONG]));
    const short = texts.find(({ whole }) => whole === LONG)?.text ?? "";
    expect([...short].length).toBe(room.characters);
  });
});

test("every picture has the rows that it is drawn from, and one that says nothing is left out", () => {
  const headings = (given: Parameters<typeof aRehearsal>[0]) => picturesOf(aRehearsal(given).forward).map(({ heading }) => heading);
  expect(picturesOf(aRehearsal().forward).filter(({ rows }) => rows.length === 0)).toEqual([]);
  expect(headings({})).toContain("Tasks a day for showroom");
  expect(headings({ customers: 0 })).toEqual(["Deliveries a day", "Weeks of a customer, by contacts in them"]);
});
