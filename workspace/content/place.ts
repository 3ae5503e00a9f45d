/** Where a text is read: filters get no scope, and rendering is synchronous. */
export interface ReadingPlace {
  /** Time zone of its dates. */
  readonly zone: string;
  /** Tag of the language of its dates, numbers and money; English without one. */
  readonly language?: string | undefined;
}

/** Renders with dates in a zone, and names of days and months, numbers and money in a language. */
export function inPlace<T>(place: ReadingPlace, render: () => T): T {
  const outer = current;
  current = place;
  try {
    return render();
  } finally {
    current = outer;
  }
}

export const currentPlace = (): ReadingPlace => current;

// --- internal ---

let current: ReadingPlace = { zone: "UTC" };
