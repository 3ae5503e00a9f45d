/** The variable by which a run of the tests leaves out the embedded PostgreSQL, and its value. */
export const SERVERS_ONLY = { TEST_ENGINES: "servers" };

/** Whether tests that run on each engine run on the embedded PostgreSQL too: not in `npm test -- --servers`, because `npm test` does it. */
export const testsEmbedded = process.env.TEST_ENGINES !== SERVERS_ONLY.TEST_ENGINES;
