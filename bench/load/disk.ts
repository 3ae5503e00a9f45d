import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 20;
const BLOCK = Buffer.alloc(8_192, 1);
/** As many as a segment of PostgreSQL's log, written over again and again as that is. */
const BLOCKS = 2_048;

/**
 * Writes a block and waits for the disk, again and again, beside what is measured: what a commit would wait here for no other
 * reason than the disk. Gives back how to end it, which tells how long each write took, in milliseconds.
 */
export async function watchDisk(): Promise<() => Promise<readonly number[]>> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-disk-"));
  const file = await open(join(dir, "blocks"), "w");
  await file.write(Buffer.alloc(BLOCKS * BLOCK.length));
  await file.sync();
  const waits: number[] = [];
  let isOver = false;
  const watching = (async () => {
    for (let n = 0; !isOver; n++) {
      const began = performance.now();
      await file.write(BLOCK, 0, BLOCK.length, (n % BLOCKS) * BLOCK.length);
      await file.datasync();
      waits.push(performance.now() - began);
      await pause(EVERY_MS);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    await file.close();
    rmSync(dir, { recursive: true, force: true });
    return waits;
  };
}
