/** Of a rehearsal that one waits for, or that nobody asked for by itself: some ten seconds of a processor and more, by what is recorded. */
export const SHORT = { days: 14, paths: 5, customers: 300, seed: "sentient" } as const;
