/** The customer has sent STOP to the sender, and the carrier blocks messages. */
export const isOptedOut = (code: number): boolean => code === 21610;

/**
 * The number is permanently undeliverable: unknown, invalid, not in service, or a landline. Reported in the answer to a send or
 * in a delivery receipt.
 */
export const isNoSuchNumber = (code: number): boolean => [30005, 30006, 21211, 21214, 21217, 21614].includes(code);
