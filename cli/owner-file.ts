import { closeSync, fchmodSync, fstatSync, openSync, writeFileSync } from "node:fs";

/** Writes a file that nobody else on the machine can read: it is about people. One that was there before is taken from the others too. */
export function writeForOwner(file: string, text: string): void {
  const opened = openSync(file, "w", 0o600);
  try {
    if (fstatSync(opened).isFile()) fchmodSync(opened, 0o600);
    writeFileSync(opened, text);
  } finally {
    closeSync(opened);
  }
}
