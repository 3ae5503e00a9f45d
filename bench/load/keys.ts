/** Keys of the servers under test. */
export const WRITE_KEY = "write-key-of-a-bench";
export const OPERATOR_KEY = "operator-key-of-a-bench";
export const KEYS = { SENTIENT_WRITE_KEYS: `${WRITE_KEY}+consent+receipts+ask`, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY };

/** The secret that messages to the sink are signed with. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;
