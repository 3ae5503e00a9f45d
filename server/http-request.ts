/** A request as routes and guards see it, whichever way it came: through the web framework, or straight from its socket. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** As Fetch reads them: those of one name are joined. */
  readonly headers: Pick<Headers, "get" | "has"> & Iterable<[string, string]>;
  /** The values of path parameters, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The client's address, for the limit on wrong keys; empty in a test without a connection. */
  readonly address: string;
  /**
   * The body as it was sent.
   *
   * @throws `TOO_LARGE` beyond `most` bytes, any other error where it ended early
   */
  read(most: number): Promise<Uint8Array>;
}
