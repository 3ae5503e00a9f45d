// Draws the picture of the README from the actual output of the demo: npm run picture
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { record } from "../cli/commands/demo.ts";
import { createPaint } from "../cli/io.ts";
import { demoLines } from "../cli/views/demo-page.ts";
import { demoReport } from "../cli/views/demo-report.ts";

const root = join(import.meta.dirname, "..");
const COLUMNS = 100;
const CHARACTER = 7.8;
const LINE = 17;
const MARGIN = 18;
const INK = "#d8dee9";
const COLORS: Readonly<Record<string, string>> = {
  31: "#e06c75",
  32: "#8fbf7f",
  33: "#e0b96a",
  34: "#81a1c1",
  35: "#b48ead",
  36: "#7fb8c4",
};

interface Style {
  color: string;
  isBold: boolean;
  isDim: boolean;
}

const quiet = { environment: {}, now: Date.now, note: () => {}, progress: () => {}, isStopped: () => false };
const recording = await record(join(root, "examples", "dealership"), quiet);
const report = demoReport(recording, { followed: "c-dana", folder: "examples/dealership" });
const all = demoLines(report, { paint: createPaint(true), columns: COLUMNS });
// The story only, without the tables after it.
const end = all.findIndex((line) => line.includes("held back") && line.includes("task for a human"));
const file = join(root, "docs", "demo.svg");
writeFileSync(file, picture(all.slice(1, end + 1)));
process.stdout.write(`${file}\n`);

function picture(lines: readonly string[]): string {
  const width = Math.round(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  const text = lines.map((line, row) => `<text y="${MARGIN + (row + 0.8) * LINE}">${spans(line)}</text>`).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="What sentient demo prints">
<rect width="100%" height="100%" rx="8" fill="#20242c"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${INK}" xml:space="preserve">
${text}
</g>
</svg>
`;
}

/** Positions each run of one style at its column, so lines align with any font. */
function spans(line: string): string {
  const style: Style = { color: INK, isBold: false, isDim: false };
  let column = 0;
  let out = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
    if (code !== undefined) change(style, Number(code));
    else if (part !== "") {
      // Runs of spaces are skipped: each run of words is positioned by its column.
      for (const words of part.matchAll(/\S+(?: \S+)*/g)) out += span(words[0], column + [...part.slice(0, words.index)].length, style);
      column += [...part].length;
    }
  }
  return out;
}

function change(style: Style, code: number): void {
  if (code === 1) style.isBold = true;
  else if (code === 2) style.isDim = true;
  else if (code === 22) Object.assign(style, { isBold: false, isDim: false });
  else style.color = COLORS[code] ?? INK;
}

function span(part: string, column: number, { color, isBold, isDim }: Style): string {
  const escaped = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const length = ([...part].length * CHARACTER).toFixed(1);
  const weight = isBold ? ' font-weight="bold"' : "";
  const shade = isDim ? ' opacity="0.6"' : "";
  return `<tspan x="${(MARGIN + column * CHARACTER).toFixed(1)}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${color}"${weight}${shade}>${escaped}</tspan>`;
}
