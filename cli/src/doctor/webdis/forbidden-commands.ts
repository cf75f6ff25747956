/**
 * Commands that the filter never needs and whoever has them has everything, each with arguments that Redis refuses: none
 * of them does anything, even where the ACL lets it through. Redis takes none of the first ones without arguments, and
 * FLUSHALL and FLUSHDB only with one, ASYNC or SYNC.
 */
export const FORBIDDEN_COMMANDS: readonly (readonly string[])[] = [
  ["EVAL"],
  ["EVALSHA"],
  ["SCRIPT"],
  ["KEYS"],
  ["SCAN"],
  ["CONFIG"],
  ["ACL"],
  ["SET"],
  ["FLUSHALL", "signpost", "doctor"],
  ["FLUSHDB", "signpost", "doctor"],
];
