/** Ridge regression (Hoerl and Kennard 1970) over indicator columns: 1 where named, otherwise 0. */
export interface Ridge {
  add(columns: readonly number[], target: number): void;
  /** The coefficients, shrunk towards 0 as by `pull` rows. */
  solve(pull: number): Float64Array;
}

export function createRidge(width: number): Ridge {
  const gram = new Float64Array(width * width);
  const moments = new Float64Array(width);
  return {
    add(columns, target) {
      for (const row of columns) {
        moments[row] = (moments[row] ?? 0) + target;
        for (const column of columns) if (column <= row) gram[row * width + column] = (gram[row * width + column] ?? 0) + 1;
      }
    },
    solve(pull) {
      const factor = Float64Array.from(gram);
      for (let at = 0; at < width; at++) factor[at * width + at] = (factor[at * width + at] ?? 0) + pull;
      factorize(factor, width);
      return substitute(factor, Float64Array.from(moments), width);
    },
  };
}

// --- internal ---

/** Cholesky factorization in place of the lower triangle. With a ridge every pivot is positive. */
function factorize(lower: Float64Array, width: number): void {
  const at = (row: number, column: number) => lower[row * width + column] ?? 0;
  for (let column = 0; column < width; column++) {
    for (let row = column; row < width; row++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      lower[row * width + column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
}

function substitute(lower: Float64Array, values: Float64Array, width: number): Float64Array {
  const at = (row: number, column: number) => lower[row * width + column] ?? 0;
  const value = (row: number) => values[row] ?? 0;
  for (let row = 0; row < width; row++) {
    for (let k = 0; k < row; k++) values[row] = value(row) - at(row, k) * value(k);
    values[row] = value(row) / at(row, row);
  }
  for (let row = width - 1; row >= 0; row--) {
    for (let k = row + 1; k < width; k++) values[row] = value(row) - at(k, row) * value(k);
    values[row] = value(row) / at(row, row);
  }
  return values;
}
