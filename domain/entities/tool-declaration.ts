/**
 * What a tool declares about its use, beside what it takes and does. Everything that checks, plans or calls a tool reads it here;
 * a member that is left out has the closed value.
 */
export interface ToolDeclaration {
  /**
   * Fields of its input that a customer may fill in through an assistant, by path; a path that ends in a dot opens everything
   * below it. Left out: none, and `check` refuses an experience that `asks` for one.
   */
  readonly asks?: readonly string[];
  /** False: an assistant calls it at once. Left out: the customer confirms first, unless the experience says `confirm: false`. */
  readonly confirm?: boolean;
  /**
   * True: a call changes nothing but the record of its customer, and sets no timer. A replay then decides other customers beside
   * it. Left out: whatever follows in the stream is decided after the call.
   */
  readonly staysWithCustomer?: boolean;
  /** True: a call opens a service case. A hand-off to a human after it opens no second one. Left out: it opens none. */
  readonly opensCase?: boolean;
}

/** Whether a customer may fill in a field of the input. */
export const mayFillIn = ({ asks = [] }: ToolDeclaration, path: string): boolean =>
  asks.some((open) => path === open || (open.endsWith(".") && path.startsWith(open)));

/** Whether the customer confirms a call first where the author of the experience does not say. */
export const mustBeConfirmed = ({ confirm = true }: ToolDeclaration): boolean => confirm;

/** Whether other customers may be decided beside a call; of a tool that is not known nobody knows. */
export const staysWithCustomer = (tool: ToolDeclaration | undefined): boolean => tool?.staysWithCustomer ?? false;

/** Whether a call opens a service case. */
export const opensCase = (tool: ToolDeclaration | undefined): boolean => tool?.opensCase ?? false;
