import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The files of a cluster that was shut down, as the bytes of a tar file. */
export type Image = Uint8Array<ArrayBuffer>;

/** The part of the engine's file system in memory that files are created with. */
export interface Files {
  mkdirTree(path: string): void;
  mkdir(path: string): void;
  writeFile(path: string, data: Uint8Array, options: { readonly canOwn: boolean }): void;
}

/**
 * Puts an image into the engine's file system. The files are the parts of the image, which is not copied: it belongs to that file system
 * from then on.
 */
export function restore(image: Image, files: Files, root: string): void {
  files.mkdirTree(root);
  for (const { name, data } of entriesOf(image)) {
    if (data) files.writeFile(`${root}/${name}`, data, { canOwn: true });
    else files.mkdir(`${root}/${name}`);
  }
}

/** Unpacks an image into an existing empty folder. `allowed`: permission bits that its files and folders may have at most. */
export function unpack(image: Image, folder: string, allowed: number): void {
  for (const { name, data } of entriesOf(image)) {
    if (data) writeFileSync(join(folder, name), data, { flag: "wx", mode: 0o666 & allowed });
    else mkdirSync(join(folder, name), { mode: allowed });
  }
}

// --- internal ---

const BLOCK = 512;
const FOLDER = "5".charCodeAt(0);

/** A file with its contents, or a folder; each folder comes before what is in it. */
interface Entry {
  readonly name: string;
  readonly data: Uint8Array | undefined;
}

/** Reads the tar format as far as the engine writes it: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar). */
function* entriesOf(image: Image): Generator<Entry> {
  const text = (start: number, length: number): string =>
    new TextDecoder().decode(image.subarray(start, start + length)).replace(/\0.*$/s, "");
  for (let at = 0; at < image.length && image[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const name = [text(at + 345, 155), text(at, 100)].filter(Boolean).join("/").replace(/^\/+/, "");
    const begin = at + BLOCK;
    yield { name, data: image[at + 156] === FOLDER ? undefined : image.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
}
