import type { Codes } from "../server/access/codes.ts";
import { fingerprintOf } from "../server/keys.ts";
import { systemUser } from "./operating.ts";

/**
 * A link that signs the user of this machine in to the console, once and within five minutes. The code is in the fragment, which
 * browsers do not send, so it is in no log. The session lasts as long as the operator key does.
 */
export function signInLink(url: string, operatorKey: string, codes: Codes): string {
  const code = codes.issue({ name: systemUser()?.trim() || "operator", role: "admin", fingerprint: fingerprintOf(operatorKey) });
  return `${url}/console#code=${code}`;
}
