/** Keys of the servers under test. */
export const WRITE_KEY = "write-key-of-a-bench";
export const OPERATOR_KEY = "operator-key-of-a-bench";
export const KEYS = { SENTIENT_WRITE_KEYS: `${WRITE_KEY}+consent+receipts+ask`, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY };
