/** The customer has said STOP to the sender, and the carrier blocks messages. */
export const isOptedOut = (code: number): boolean => code === 21610;

/** The number reaches nobody: unknown, invalid, not in service, or a landline. Said in the answer to a send or in a receipt. */
export const isNoSuchNumber = (code: number): boolean => [30005, 30006, 21211, 21214, 21217, 21614].includes(code);
