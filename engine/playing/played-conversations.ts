import type { KnownLine } from "../../agents/agent.ts";
import type { Change } from "../../domain/entities/change.ts";
import type { Json } from "../../domain/values/json.ts";

/** A line with its place among the signals of the stream. */
export interface PlacedLine extends KnownLine {
  readonly place: number;
}

export interface HandOff {
  readonly customerId: string;
  readonly promiseId: string | undefined;
  readonly about: Json;
}

/** What a play begins with. Plain data. */
export interface SaidBefore {
  readonly lines: readonly (readonly [customerId: string, lines: readonly PlacedLine[]])[];
  readonly handOffs: readonly (readonly [taskId: string, handOff: HandOff])[];
}

export const NOTHING_SAID: SaidBefore = { lines: [], handOffs: [] };

/** Messages to and from customers, and those whom a human has taken over. Nobody claims a task in a play. */
export class PlayedConversations {
  private readonly lines = new Map<string, PlacedLine[]>();
  private readonly handOffs = new Map<string, HandOff>();
  private readonly rootOf: (customerId: string) => string;

  constructor(rootOf: (customerId: string) => string) {
    this.rootOf = rootOf;
  }

  /** What was said before the play. */
  take({ lines, handOffs }: SaidBefore): void {
    for (const [customerId, said] of lines) this.lines.set(customerId, [...said]);
    for (const [taskId, handOff] of handOffs) this.handOffs.set(taskId, handOff);
  }

  said(): SaidBefore {
    return { lines: [...this.lines], handOffs: [...this.handOffs] };
  }

  addLine(customerId: string, line: PlacedLine): void {
    const known = this.lines.get(customerId);
    if (known) known.push(line);
    else this.lines.set(customerId, [line]);
  }

  /** The latest lines under every id of a customer, oldest first. */
  linesOf(ids: readonly string[], upTo: number): readonly KnownLine[] {
    return ids
      .flatMap((id) => this.lines.get(id) ?? [])
      .filter(({ place }) => Math.floor(place) <= upTo)
      .sort((a, b) => a.place - b.place)
      .slice(-MAX_LINES)
      .map(({ place: _place, ...line }) => line);
  }

  /** What the changes of a wake say about tasks that hand a conversation off. */
  note(customerId: string, change: Change): void {
    if (change.type === "task_added" && "conversation" in change.task.facts) {
      const { taskId, promiseId, facts } = change.task;
      this.handOffs.set(taskId, { customerId, promiseId, about: facts.conversation ?? null });
    }
    if (change.type === "promise_ended")
      for (const [taskId, { promiseId }] of this.handOffs) if (promiseId === change.promiseId) this.handOffs.delete(taskId);
  }

  /** @param exceptFor a delivery whose own hand-off does not count */
  isTakenOver(customerId: string, exceptFor?: string): boolean {
    const root = this.rootOf(customerId);
    for (const one of this.handOffs.values()) if (this.rootOf(one.customerId) === root && one.about !== exceptFor) return true;
    return false;
  }
}

// --- internal ---

/** As in `store/reading/conversations.ts`. */
const MAX_LINES = 30;
