/** How a template writes values; its literals always stand as they are. */
export enum Encoding {
  /** In a key: all but RFC 3986 unreserved characters percent-encoded, defaults too, so that no value leaves its place. */
  Key,
  /** In the path of a request to the service: as in keys. */
  ServicePath,
  /**
   * In `apply.path`: path, rest and query as received but for what no path may have, records' values and defaults as they
   * are, all else encoded.
   */
  ApplyPath,
  /** In a header value: as it is. Whether the result can be one is for the caller to check. */
  Raw,
}
