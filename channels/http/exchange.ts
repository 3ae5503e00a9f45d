import type { Dispatcher } from "undici";

export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole body as UTF-8, without a byte order mark. */
  readonly text: string;
}

export interface ExchangeLimits {
  /** Milliseconds until the whole response must have arrived. */
  readonly timeoutMs: number;
  /** Ends the exchange when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request and its whole response. A message costs one timer here, and a listener with all others of its signal: the client's own `request` makes a
 * stream for every response, and is given a time limit only as a second and a third AbortSignal.
 *
 * The body is gathered in memory: the dispatcher must bound it (`maxResponseSize`). A connection that is still being made is
 * not given up here: its own timeout ends it, and the error then says that nothing was sent.
 *
 * @throws an error named TimeoutError or AbortError after the time or the signal ended it, or the error of the connection
 */
export function exchange(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, limits: ExchangeLimits): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Receiver(limits, resolve, reject));
  });
}

// --- internal ---

/** The exchanges that a signal ends: one listener for all of them, as one signal may stand for hundreds of messages. */
class Together {
  private static readonly bySignal = new WeakMap<AbortSignal, Together>();
  private readonly signal: AbortSignal;
  private readonly receivers = new Set<Receiver>();

  static of(signal: AbortSignal): Together {
    const known = Together.bySignal.get(signal) ?? new Together(signal);
    Together.bySignal.set(signal, known);
    return known;
  }

  private constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  add(receiver: Receiver): void {
    if (this.receivers.size === 0) this.signal.addEventListener("abort", this);
    this.receivers.add(receiver);
  }

  delete(receiver: Receiver): void {
    this.receivers.delete(receiver);
    if (this.receivers.size === 0) this.signal.removeEventListener("abort", this);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    for (const receiver of [...this.receivers]) receiver.stop(named("AbortError", "stopped"));
  }
}

class Receiver implements Dispatcher.DispatchHandler {
  private readonly together: Together | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly resolve: (exchange: Exchange) => void;
  private readonly reject: (error: unknown) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private end: Error | undefined;
  private status = 0;
  private headers: Exchange["headers"] = {};
  private chunks: Buffer[] = [];

  constructor({ timeoutMs, signal }: ExchangeLimits, resolve: (exchange: Exchange) => void, reject: (error: unknown) => void) {
    this.resolve = resolve;
    this.reject = reject;
    this.timer = setTimeout(isOver, timeoutMs, this);
    if (signal?.aborted) this.stop(named("AbortError", "stopped"));
    else if (signal) {
      this.together = Together.of(signal);
      this.together.add(this);
    }
  }

  stop(end: Error): void {
    this.end ??= end;
    this.controller?.abort(this.end);
  }

  /** Called before anything is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.end) controller.abort(this.end);
  }

  /** Called for informational responses (1xx) as well, before that of the final one. */
  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Exchange["headers"]): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.release();
    this.resolve({ status: this.status, headers: this.headers, text: textOf(this.chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.release();
    this.chunks = [];
    this.reject(error);
  }

  private release(): void {
    clearTimeout(this.timer);
    this.together?.delete(this);
  }
}

const isOver = (receiver: Receiver): void => receiver.stop(named("TimeoutError", "no whole answer in time"));

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

function textOf([first, ...more]: readonly Buffer[]): string {
  if (first === undefined) return "";
  const bytes = more.length === 0 ? first : Buffer.concat([first, ...more]);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", hasMark ? 3 : 0);
}
