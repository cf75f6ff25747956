/** What a match or a template reads of a request; a set, as bits. Each pseudo-header is one call to the host. */
export namespace Needs {
  export const NOTHING: i32 = 0;
  export const HOST: i32 = 1;
  export const PATH: i32 = 2;
  export const METHOD: i32 = 4;
  export const SCHEME: i32 = 8;
  /** Headers other than pseudo-headers, cookies included. */
  export const HEADERS: i32 = 16;
  /** The part of the path that a match leaves. */
  export const REST: i32 = 32;
}

/** From how many pseudo-headers on reading all headers at once is cheaper, as measured on Envoy. */
const MANY: i32 = 3;

/**
 * Whether all headers are best read at once: an ordinary header is needed, which is read from all of them anyway, or
 * many pseudo-headers are.
 */
export function needsManyHeaders(needs: i32): bool {
  const pseudo = needs & (Needs.HOST | Needs.PATH | Needs.METHOD | Needs.SCHEME);
  return (needs & Needs.HEADERS) != 0 || popcnt(pseudo) >= MANY;
}
