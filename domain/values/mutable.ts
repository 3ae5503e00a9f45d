/**
 * What is written member by member, where it is made for every candidate or delivery of every decision: a spread of a member that may be
 * missing (`...(x === undefined ? {} : { x })`) costs more than all the other members together.
 */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
