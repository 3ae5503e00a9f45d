/**
 * What is written member by member, where it is made for every candidate or delivery of every decision. A spread of a member that may be
 * missing (`...(x === undefined ? {} : { x })`) costs more than all the other members together; and on Node 20 each member that is new to a
 * copy (`{ ...x, more }`) costs twenty times as much as one that the copy replaces.
 */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
