import { setTimeout as sleep } from "node:timers/promises";
import { OPERATOR_KEY } from "../../testing/service.ts";

// Consoles that are open on the list of decisions, in a process of their own: each has a stream, and after a hint on decisions reads the
// first page again, as `console/live/refresher.ts` does: after a second, and ever less often while decisions go on. The pauses are read once, as
// nothing is paused. Arguments: the URL of the server and how many.

const [url = "", count = "1"] = process.argv.slice(2);
const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
const PAGE = "/v1/decisions?view=line&limit=100";
const LEAST_MS = 1_000;
const MOST_MS = 10_000;

async function read(path: string): Promise<void> {
  await (await fetch(`${url}${path}`, { headers })).text();
}

async function open(): Promise<void> {
  const response = await fetch(`${url}/v1/stream`, { headers });
  await read("/v1/pauses");
  let isOld = true;
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) isOld ||= chunk.includes('"decisions"');
  })();
  let isOver = false;
  void reading.finally(() => {
    isOver = true;
  });
  process.stdout.write("open\n");
  for (let streak = 0; !isOver; streak = isOld ? streak + 1 : 0) {
    if (isOld) {
      isOld = false;
      await read(PAGE);
    }
    await sleep(Math.min(MOST_MS, LEAST_MS * 2 ** streak));
  }
}

await Promise.all(Array.from({ length: Number(count) }, open));
