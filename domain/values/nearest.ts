/** The known word nearest to a misspelt one; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

// --- internal ---

/** Edit distance between two words; two neighbours that changed places are one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(substituted(a, b, i, j, rows), (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The cost at (i, j) by a letter that stays or changes, or by two that changed places. */
function substituted(a: string, b: string, i: number, j: number, rows: readonly (readonly number[])[]): number {
  const change = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return isSwapped ? Math.min(change, (rows[i - 2]?.[j - 2] ?? 0) + 1) : change;
}
