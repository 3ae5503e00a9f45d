import type { NewDelivery } from "../../domain/entities/change.ts";
import type { DecisionDraft } from "../../domain/entities/decision.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import type { CountedDelivery } from "./counts.ts";
import { groupCell } from "./figures.ts";
import { RowSample } from "./row-sample.ts";
import { type CellRow, outlineOf, type RowOutline, type RowsByCell } from "./rows.ts";
import { NO_DEPARTMENT } from "./totals.ts";

/** Of whom a row tells, and when it was. */
interface Whose {
  readonly customerId: string;
  readonly at: Instant;
  /** The place of the customer's group, where results are told apart. */
  readonly group?: number | undefined;
}

/** What is behind the figures of one side of a path. */
export class PathRows {
  private readonly sample = new RowSample();
  private readonly side: "against" | "with";

  constructor(side: "against" | "with") {
    this.side = side;
  }

  decision(whose: Whose, decision: DecisionDraft, codes: Iterable<string>): void {
    const { action, decisionId } = decision;
    const kind = action === "silence" ? "silences" : action === "defer" ? "deferred" : undefined;
    if (!kind) return;
    const outline = outlineOf(decision);
    for (const code of codes) this.add(`${kind}:${code}`, whose, decisionId, outline);
  }

  delivery(whose: Whose, { deliveryId, ...delivery }: NewDelivery, decision: DecisionDraft): void {
    const outline = outlineOf(decision);
    for (const cell of withGroup(whose, "deliveries", cellsOf(delivery))) this.add(cell, whose, deliveryId, outline);
  }

  /** A delivery that was stopped, or failed, was none. */
  noDelivery(whose: Pick<Whose, "group">, { deliveryId, ...delivery }: CountedDelivery): void {
    for (const cell of withGroup(whose, "deliveries", cellsOf(delivery))) this.sample.remove(cell, this.side, deliveryId);
  }

  /** @param decision that has led to it, where one has */
  task(whose: Whose, { queue, taskId }: { readonly queue: string; readonly taskId: string }, decision: DecisionDraft | undefined): void {
    this.add(`tasks:${queue}`, whose, taskId, decision ? outlineOf(decision) : { action: "task", codes: [] });
  }

  noTask({ queue, taskId }: { readonly queue: string; readonly taskId: string }): void {
    this.sample.remove(`tasks:${queue}`, this.side, taskId);
  }

  /** The time is that of the success. */
  success(whose: Whose, deliveryId: string, decision: DecisionDraft): void {
    for (const cell of withGroup(whose, "successes", ["successes"])) this.add(cell, whose, deliveryId, outlineOf(decision));
  }

  nothing(whose: Whose, rule: string): void {
    const outline: RowOutline = { action: "nothing", codes: [rule] };
    for (const cell of withGroup(whose, "nothing", ["nothing", `nothing:${rule}`])) this.add(cell, whose, whose.customerId, outline);
  }

  rows(): RowsByCell {
    return this.sample.rows();
  }

  private add(cell: string, { customerId, at }: Whose, id: string, outline: RowOutline): void {
    const { side } = this;
    const row: CellRow = { ...{ customerId, at: iso(at), side }, [side]: outline, simulated: true };
    this.sample.add(cell, { wake: `${customerId}\n${at}`, id, row });
  }
}

// --- internal ---

const withGroup = (
  { group }: Pick<Whose, "group">,
  figure: Parameters<typeof groupCell>[1],
  cells: readonly string[],
): readonly string[] => (group === undefined ? cells : [...cells, groupCell(group, figure)]);

const cellsOf = ({ experienceId, channel, department = NO_DEPARTMENT }: Omit<CountedDelivery, "deliveryId">): string[] => [
  "deliveries",
  `byExperience:${experienceId}`,
  `byChannel:${channel}`,
  `byDepartment:${department}`,
];
