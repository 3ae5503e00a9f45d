/** Columns of text, each as wide as its widest cell; colours have no width. */
export function table(
  rows: readonly (readonly string[])[],
  { gap = 2, indent = 0 }: { readonly gap?: number; readonly indent?: number } = {},
): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return rows.map(
    (row) =>
      " ".repeat(indent) +
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell) + gap)))
        .join("")
        .trimEnd(),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\u001b\[[0-9;]*m/g;

/** Width of a text on a terminal, in characters. */
export const widthOf = (text: string): number => [...text.replace(ESCAPES, "")].length;

/** Wraps text at spaces so that no line is longer than `width`. */
export function wrap(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width - indent.length) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
