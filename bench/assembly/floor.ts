/**
 * The least that a cache can do to answer from memory: it asks for all of the request's headers, looks at none, and sends the same
 * response each time; and it has the callbacks that a cache needs to see responses. What a cache in a filter costs beside it is
 * the cache's own. No SDK: every byte is made by hand.
 *
 * Compiled with `--use BODY_LENGTH=…`.
 */

@external("env", "proxy_get_header_map_pairs")
declare function proxy_get_header_map_pairs(map: u32, pairs: usize, size: usize): u32;


@external("env", "proxy_send_local_response")
declare function proxy_send_local_response(
  status: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpcStatus: i32,
): u32;

const ARENA: usize = 64 * 1024;
const PAUSE: u32 = 1;

/** What a hit of ours has, too. */
const FIELDS: string[] = [
  "content-type",
  "application/json",
  "cache-control",
  "public, max-age=3600",
  "etag",
  '"a-tag-of-usual-length"',
  "date",
  "Thu, 26 Nov 2026 14:00:00 GMT",
  "server",
  "envoy",
  "age",
  "0",
  "cache-status",
  "floor; hit; ttl=3600",
];

const arena = heap.alloc(ARENA);
const body = heap.alloc(BODY_LENGTH);
memory.fill(body, 0x78, BODY_LENGTH);
const out = memory.data(8, 8);
const headers = serialized();
let used: usize = 0;

/** The ABI's list of pairs: how many, the lengths, and then each name and value with a NUL behind it. */
function serialized(): ArrayBuffer {
  const count = FIELDS.length / 2;
  let size = 4 + count * 8;
  for (let i = 0; i < FIELDS.length; i++) size += FIELDS[i].length + 1;
  const buffer = new ArrayBuffer(size);
  const start = changetype<usize>(buffer);
  store<u32>(start, count);
  let at = start + 4 + count * 8;
  for (let i = 0; i < FIELDS.length; i++) {
    store<u32>(start + 4 + i * 4, FIELDS[i].length);
    String.UTF8.encodeUnsafe(changetype<usize>(FIELDS[i]), FIELDS[i].length, at, true);
    at += FIELDS[i].length + 1;
  }
  return buffer;
}

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  if (used + size > ARENA) used = 0;
  const at = arena + used;
  used += (size + 7) & ~7;
  return at;
}

export function proxy_on_context_create(id: u32, parentId: u32): void {}

export function proxy_on_request_headers(id: u32, count: u32, endOfStream: u32): u32 {
  proxy_get_header_map_pairs(0, out, out + 4);
  const at = changetype<usize>(headers);
  proxy_send_local_response(200, 0, 0, body, BODY_LENGTH, at, <usize>headers.byteLength, -1);
  return PAUSE;
}

export function proxy_on_response_headers(id: u32, count: u32, endOfStream: u32): u32 {
  return 0;
}

export function proxy_on_response_body(id: u32, size: u32, endOfStream: u32): u32 {
  return 0;
}

export function proxy_on_delete(id: u32): void {}
