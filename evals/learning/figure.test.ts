import { expect, test } from "vitest";
import { courseFigure, intervalFigure } from "./figure.ts";

const numbersOf = (svg: string, pattern: RegExp): number[] => [...svg.matchAll(pattern)].map(([, number]) => Number(number));

test("a course rises on the page with its values, inside its band", () => {
  const points = [0.1, 0.2, 0.15].map((mean, index) => ({ x: index + 1, mean, low: mean - 0.01, high: mean + 0.01 }));
  const svg = courseFigure({ title: "A & B", xLabel: "decisions", name: "learner", points, references: [{ name: "log", value: 0.12 }] });
  const [line = ""] = /<polyline points="[^"]*"/.exec(svg) ?? [];
  const [first = 0, second = 0, third = 0] = numbersOf(line, /[\d.]+,([\d.]+)/g);

  expect(second).toBeLessThan(third);
  expect(third).toBeLessThan(first);
  expect(svg).toContain("log 12.0 %");
  expect(svg).toContain("A &amp; B");
  expect(svg).not.toContain("NaN");
});

test("labels of close levels are moved apart", () => {
  const points = [{ x: 1, mean: 0.1, low: 0, high: 0.5 }];
  const references = ["one", "two", "three"].map((name, index) => ({ name, value: 0.2 + index / 1000 }));
  const svg = courseFigure({ title: "t", xLabel: "x", name: "n", points, references });
  const places = numbersOf(svg, /y="([\d.]+)" text-anchor="start" fill="[^"]*" >(?:one|two|three)/g).sort((a, b) => a - b);

  expect(places).toHaveLength(3);
  for (const [index, place] of places.slice(1).entries()) expect(place - (places[index] ?? 0)).toBeGreaterThanOrEqual(14);
});

test("a value lies inside its interval, in one colour throughout", () => {
  const dot = (name: string, value: number) => ({ name, value, low: value - 0.01, high: value + 0.02 });
  const groups = ["first", "second"].map((name) => ({ name, dots: [dot("ips", 0.05), dot("truth", 0.04)] }));
  const svg = intervalFigure({ title: "t", groups, digits: 1 });
  const lines = [...svg.matchAll(/x1="([\d.]+)"[^>]*x2="([\d.]+)"[^>]*stroke-width='2'\/>\n<circle cx="([\d.]+)"[^>]*fill="(#\w+)"/g)];

  expect(lines).toHaveLength(4);
  for (const [, low, high, value] of lines)
    expect([Number(low), Number(value), Number(high)]).toEqual([Number(low), Number(value), Number(high)].sort((a, b) => a - b));
  expect(lines.map(([, , , , color]) => color)).toEqual([lines[0]?.[4], lines[1]?.[4], lines[0]?.[4], lines[1]?.[4]]);
});
