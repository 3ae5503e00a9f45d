import { createHash, randomBytes } from "node:crypto";
import { hasPassed, type Instant, MINUTE } from "../../domain/values/time.ts";
import type { Admitted } from "../../operations/access/sessions.ts";

/** Codes that sign a person in once, within a few minutes: for a link that a terminal prints. */
export class Codes {
  private readonly issued = new Map<string, { readonly at: Instant; readonly person: Admitted }>();
  private readonly now: () => Instant;

  constructor(now: () => Instant) {
    this.now = now;
  }

  /** A new code for a person. */
  issue(person: Admitted): string {
    const code = randomBytes(24).toString("base64url");
    this.issued.set(hashOf(code), { at: this.now(), person });
    return code;
  }

  /** The person whom a code admits, the first time. */
  take(code: string): Admitted | undefined {
    const hash = hashOf(code);
    const found = this.issued.get(hash);
    this.issued.delete(hash);
    return found && !hasPassed(VALID_MS, found.at, this.now()) ? found.person : undefined;
  }
}

// --- internal ---

const VALID_MS = 5 * MINUTE;

/** Found by hash, so that how long a look-up takes says nothing about a code. */
const hashOf = (code: string): string => createHash("sha256").update(code).digest("hex");
