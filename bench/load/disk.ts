import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 20;
const BLOCK = Buffer.alloc(8_192, 1);
/** The size of a WAL segment, overwritten repeatedly like one. */
const BLOCKS = 2_048;

/**
 * Repeatedly writes and syncs a block during a measurement: the share of commit latency that is due to the disk. Returns a function
 * that stops it and resolves to the duration of each write, in milliseconds.
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
