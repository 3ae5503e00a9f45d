import { closeSync, fchmodSync, fstatSync, openSync, writeFileSync } from "node:fs";

/**
 * Writes a file that only its owner can read, since it contains personal data. Permissions of an existing file are restricted
 * too.
 */
export function writeForOwner(file: string, text: string): void {
  const opened = openSync(file, "w", 0o600);
  try {
    if (fstatSync(opened).isFile()) fchmodSync(opened, 0o600);
    writeFileSync(opened, text);
  } finally {
    closeSync(opened);
  }
}
