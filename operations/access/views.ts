import { z } from "zod";

// Sessions of the console, as the server tells of them.

export const SessionView = z.object({
  id: z.string(),
  by: z.string().describe("The name of the person."),
  role: z.string(),
  createdAt: z.string(),
  seenAt: z.string(),
  expiresAt: z.string().describe("When it ends, if it is used until then."),
});
export type SessionView = Readonly<z.infer<typeof SessionView>>;
