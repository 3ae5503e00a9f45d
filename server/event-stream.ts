/** Writes server-sent events. Each returns false once the stream is over. */
export interface EventWriter {
  event(name: string, data: unknown): boolean;
  /** A line that clients skip. */
  comment(text: string): boolean;
  /** Ends the response. */
  end(): void;
}

/**
 * An endless response of server-sent events. A reader that lets more than `MAX_WAITING_BYTES` wait is dropped: what it misses, it looks for
 * when it comes back.
 *
 * @param onClosed called once when it is over, for whatever reason
 */
export function eventStream(onClosed: () => void): { readonly response: Response; readonly writer: EventWriter } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const over = (finish?: (open: ReadableStreamDefaultController<Uint8Array>) => void): false => {
    const open = controller;
    controller = undefined;
    if (!open) return false;
    finish?.(open);
    onClosed();
    return false;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(open) {
        controller = open;
      },
      cancel: () => void over(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  );
  const write = (text: string): boolean => {
    if (!controller) return false;
    if ((controller.desiredSize ?? 0) <= 0) return over((open) => open.error(new Error("the reader of a stream is too slow")));
    controller.enqueue(ENCODER.encode(text));
    return true;
  };
  return {
    response: new Response(body, { headers: HEADERS }),
    writer: {
      // JSON has no line break, so that data is always one line.
      event: (name, data) => write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
      comment: (text) => write(`: ${text}\n\n`),
      end: () => void over((open) => open.close()),
    },
  };
}

// --- internal ---

const ENCODER = new TextEncoder();

/** Some hundred hints. */
const MAX_WAITING_BYTES = 16 * 1024;

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // nginx would collect events until its buffer is full.
  "x-accel-buffering": "no",
};
