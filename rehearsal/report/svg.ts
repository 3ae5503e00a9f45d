import type { Drawing, Mark } from "../pictures/marks.ts";

/** Text as HTML and SVG show it: nothing in it is markup. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A picture as SVG. */
export const svgOf = ({ title, width, height, marks }: Drawing): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}"><title>${escaped(title)}</title>${marks.map(elementOf).join("")}</svg>`;

// --- internal ---

function elementOf(mark: Mark): string {
  if (mark.shape !== "text") {
    const { shape, of, ...measures } = mark;
    const attributes = Object.entries(measures).map(([name, value]) => ` ${name}="${value}"`);
    return `<${shape} class="${of}"${attributes.join("")}/>`;
  }
  const { x, y, anchor, text, whole } = mark;
  const title = whole === undefined ? "" : `<title>${escaped(whole)}</title>`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}${title}</text>`;
}
