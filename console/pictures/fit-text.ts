/** How many characters have room in a width of a picture; `character`: the average width of one. Both in the picture's units. */
export const charactersIn = (room: number, character: number, least: number): number => Math.max(least, Math.floor(room / character));

/** The text cut to a number of characters, with an ellipsis where something is missing. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/** The text in lines of at most a number of characters: broken at spaces, a longer word anywhere. */
export function linesOf(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((one) => pieces(one, most))) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

// --- internal ---

const pieces = (word: string, most: number): string[] => {
  const characters = [...word];
  if (characters.length <= most) return [word];
  return Array.from({ length: Math.ceil(characters.length / most) }, (_, index) =>
    characters.slice(index * most, (index + 1) * most).join(""),
  );
};
