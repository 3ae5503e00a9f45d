import { accessSync, constants, statSync } from "node:fs";

/**
 * Why a path cannot be read as a file; undefined where it can. Opening a pipe blocks until a writer appears, a device may be endless,
 * and a link may lead to either.
 */
export function whyNoFile(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return "is a link to a folder, expected a file; put the folder itself there";
    if (!stats.isFile()) return "is a pipe, a socket or a device, expected a file";
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "is a link to a file that is not there";
    return code === "EACCES" ? "cannot be read by this user" : `cannot be read: ${code ?? "unknown"}`;
  }
}
