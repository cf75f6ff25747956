/** The operations of a script: each makes one host call and logs what came of it. */
import * as host from "./host";
import { OUT, OUT_POINTER, OUT_SIZE, OUT_VALUE, Utf8, pairsOf, takeReturned, takeReturnedPairs } from "./text";

const MAPS = ["request", "request_trailers", "response", "response_trailers", "_", "_", "call", "call_trailers"];
const BUFFERS = ["request", "response", "_", "_", "call", "_", "vm", "plugin", "data"];
const WILD: usize = 0x7fffff00;

/** The stream that came last; `effective last` acts for it. */
export let lastStream: u32 = 0;

export function setLastStream(id: u32): void {
  lastStream = id;
}

export function say(text: string): void {
  const bytes = new Utf8(text);
  host.proxy_log(2, bytes.pointer, bytes.size);
}

function result(operation: string, status: u32, value: string = ""): void {
  say(operation + " -> " + status.toString() + (value.length > 0 ? " " + value : ""));
}

function index(names: Array<string>, name: string): u32 {
  const found = names.indexOf(name);
  return found < 0 ? <u32>parseInt(name) : <u32>found;
}

function word(words: Array<string>, at: i32): string {
  if (at >= words.length) return "";
  return words[at] == "-" ? "" : words[at].replaceAll("%20", " ");
}

function clearOut(): void {
  memory.fill(OUT, 0, 64);
}

/** Runs one operation; the callback's return value, or -1 to leave it. */
export function perform(operation: string): i32 {
  const words = operation.split(" ");
  const name = words[0];
  clearOut();
  if (name == "return") return <i32>parseInt(word(words, 1));
  if (name == "trap") unreachable();
  if (name == "say") say(words.slice(1).join(" "));
  else if (headers(name, words, operation)) return -1;
  else if (streams(name, words, operation)) return -1;
  else if (shared(name, words, operation)) return -1;
  else if (metrics(name, words, operation)) return -1;
  else if (!environment(name, words, operation)) say("unknown operation: " + operation);
  return -1;
}

function headers(name: string, words: Array<string>, operation: string): bool {
  const map = index(MAPS, word(words, 1));
  const key = new Utf8(word(words, 2));
  const value = new Utf8(word(words, 3));
  if (name == "get") {
    const status = host.proxy_get_header_map_value(map, key.pointer, key.size, OUT_POINTER, OUT_SIZE);
    result(operation, status, status == 0 ? "'" + takeReturned() + "'" : "");
  } else if (name == "get_wild") {
    result(operation, host.proxy_get_header_map_value(map, WILD, 4, OUT_POINTER, OUT_SIZE));
  } else if (name == "get_into_wild") {
    result(operation, host.proxy_get_header_map_value(map, key.pointer, key.size, WILD, WILD + 4));
  } else if (name == "add") {
    result(operation, host.proxy_add_header_map_value(map, key.pointer, key.size, value.pointer, value.size));
  } else if (name == "set") {
    result(operation, host.proxy_replace_header_map_value(map, key.pointer, key.size, value.pointer, value.size));
  } else if (name == "set_crlf") {
    const evil = new Utf8("a\r\nb");
    result(operation, host.proxy_replace_header_map_value(map, key.pointer, key.size, evil.pointer, evil.size));
  } else if (name == "remove") {
    result(operation, host.proxy_remove_header_map_value(map, key.pointer, key.size));
  } else if (name == "pairs") {
    const status = host.proxy_get_header_map_pairs(map, OUT_POINTER, OUT_SIZE);
    result(operation, status, status == 0 ? takeReturnedPairs() : "");
  } else if (name == "set_pairs") {
    const pairs = pairsOf(words.slice(2));
    result(operation, host.proxy_set_header_map_pairs(map, changetype<usize>(pairs), pairs.byteLength));
  } else if (name == "size") {
    const status = host.proxy_get_header_map_size(map, OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else {
    return false;
  }
  return true;
}

function streams(name: string, words: Array<string>, operation: string): bool {
  const first = word(words, 1);
  if (name == "body") {
    const length = words.length > 3 ? <u32>parseInt(word(words, 3)) : 1000;
    const start = <u32>parseInt(words.length > 2 ? word(words, 2) : "0");
    const status = host.proxy_get_buffer_bytes(index(BUFFERS, first), start, length, OUT_POINTER, OUT_SIZE);
    result(operation, status, status == 0 ? "'" + takeReturned() + "'" : "");
  } else if (name == "body_size") {
    const status = host.proxy_get_buffer_status(index(BUFFERS, first), OUT_VALUE, OUT_SIZE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "set_body") {
    const data = new Utf8(word(words, 4));
    const start = <u32>parseInt(word(words, 2));
    const length = <u32>parseInt(word(words, 3));
    result(operation, host.proxy_set_buffer_bytes(index(BUFFERS, first), start, length, data.pointer, data.size));
  } else if (name == "call") {
    call(words, operation);
  } else if (name == "reply") {
    const body = new Utf8(word(words, 2));
    const details = new Utf8("scripted reply");
    const pairs = pairsOf(words.slice(3));
    const start = changetype<usize>(pairs);
    const code = <u32>parseInt(first);
    result(
      operation,
      host.proxy_send_local_response(
        code,
        details.pointer,
        details.size,
        body.pointer,
        body.size,
        start,
        pairs.byteLength,
        -1,
      ),
    );
  } else if (name == "continue") {
    result(operation, host.proxy_continue_stream(first == "response" ? 1 : 0));
  } else if (name == "close") {
    result(operation, host.proxy_close_stream(first == "response" ? 1 : 0));
  } else if (name == "effective") {
    const id = first == "last" ? lastStream : <u32>parseInt(first);
    result(operation, host.proxy_set_effective_context(id));
  } else if (name == "done") {
    result(operation, host.proxy_done());
  } else if (name == "status") {
    const status = host.proxy_get_status(OUT_VALUE, OUT_POINTER, OUT_SIZE);
    result(operation, status, load<u32>(OUT_VALUE).toString() + " '" + takeReturned() + "'");
  } else {
    return false;
  }
  return true;
}

/** call CLUSTER TIMEOUT PATH BODY: PATH `-` leaves :path out. */
function call(words: Array<string>, operation: string): void {
  const cluster = new Utf8(word(words, 1));
  const body = new Utf8(word(words, 4));
  const headers = [":method=GET", ":authority=backend"];
  if (word(words, 3).length > 0) headers.push(":path=" + word(words, 3));
  const pairs = pairsOf(headers);
  const timeout = <u32>parseInt(word(words, 2));
  const status = host.proxy_http_call(
    cluster.pointer,
    cluster.size,
    changetype<usize>(pairs),
    pairs.byteLength,
    body.pointer,
    body.size,
    0,
    0,
    timeout,
    OUT_VALUE,
  );
  result(operation, status, status == 0 ? load<u32>(OUT_VALUE).toString() : "");
}

function shared(name: string, words: Array<string>, operation: string): bool {
  const key = new Utf8(word(words, 1));
  const value = new Utf8(word(words, 2));
  if (name == "shared_get") {
    const status = host.proxy_get_shared_data(key.pointer, key.size, OUT_POINTER, OUT_SIZE, OUT_VALUE);
    result(operation, status, status == 0 ? "'" + takeReturned() + "' " + load<u32>(OUT_VALUE).toString() : "");
  } else if (name == "shared_set") {
    const cas = <u32>parseInt(words.length > 3 ? word(words, 3) : "0");
    result(operation, host.proxy_set_shared_data(key.pointer, key.size, value.pointer, value.size, cas));
  } else if (name == "queue") {
    const status = host.proxy_register_shared_queue(key.pointer, key.size, OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "resolve") {
    const status = host.proxy_resolve_shared_queue(key.pointer, key.size, value.pointer, value.size, OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "enqueue") {
    result(operation, host.proxy_enqueue_shared_queue(<u32>parseInt(word(words, 1)), value.pointer, value.size));
  } else if (name == "dequeue") {
    const status = host.proxy_dequeue_shared_queue(<u32>parseInt(word(words, 1)), OUT_POINTER, OUT_SIZE);
    result(operation, status, status == 0 ? "'" + takeReturned() + "'" : "");
  } else if (name == "property") {
    const path = new Utf8(word(words, 1).replaceAll("/", "\0"));
    const status = host.proxy_get_property(path.pointer, path.size, OUT_POINTER, OUT_SIZE);
    result(operation, status, status == 0 ? "'" + takeReturned() + "'" : "");
  } else if (name == "set_property") {
    const path = new Utf8(word(words, 1).replaceAll("/", "\0"));
    result(operation, host.proxy_set_property(path.pointer, path.size, value.pointer, value.size));
  } else if (name == "declare") {
    // Read-only, as a message of Protobuf: the name is field 1, a string, and field 2 is true.
    const path = word(words, 1);
    const message = new Utf8("\n" + String.fromCharCode(path.length) + path + "\x10\x01");
    const called = new Utf8("declare_property");
    result(
      operation,
      host.proxy_call_foreign_function(called.pointer, called.size, message.pointer, message.size, 0, 0),
    );
  } else if (name == "foreign") {
    const status = host.proxy_call_foreign_function(
      key.pointer,
      key.size,
      value.pointer,
      value.size,
      OUT_POINTER,
      OUT_SIZE,
    );
    result(operation, status, takeReturned());
  } else {
    return false;
  }
  return true;
}

function metrics(name: string, words: Array<string>, operation: string): bool {
  const id = <u32>parseInt(word(words, 1));
  if (name == "metric") {
    const metric = new Utf8(word(words, 2));
    const status = host.proxy_define_metric(id, metric.pointer, metric.size, OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "increment") {
    result(operation, host.proxy_increment_metric(id, <i64>parseInt(word(words, 2))));
  } else if (name == "record") {
    result(operation, host.proxy_record_metric(id, <u64>parseInt(word(words, 2))));
  } else if (name == "metric_value") {
    const status = host.proxy_get_metric(id, OUT_VALUE);
    result(operation, status, load<u64>(OUT_VALUE).toString());
  } else {
    return false;
  }
  return true;
}

function environment(name: string, words: Array<string>, operation: string): bool {
  if (name == "tick") {
    result(operation, host.proxy_set_tick_period_milliseconds(<u32>parseInt(word(words, 1))));
  } else if (name == "time") {
    const status = host.proxy_get_current_time_nanoseconds(OUT_VALUE);
    result(operation, status, load<u64>(OUT_VALUE).toString());
  } else if (name == "clock") {
    const status = host.clock_time_get(<u32>parseInt(word(words, 1)), 0, OUT_VALUE);
    result(operation, status, load<u64>(OUT_VALUE).toString());
  } else if (name == "random") {
    const status = host.random_get(OUT_VALUE, <u32>parseInt(word(words, 1)));
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "environment") {
    host.environ_sizes_get(OUT_VALUE, OUT_SIZE);
    const size = load<u32>(OUT_SIZE);
    const pointers = heap.alloc(4 * load<u32>(OUT_VALUE));
    const buffer = heap.alloc(size);
    const status = host.environ_get(pointers, buffer);
    result(operation, status, String.UTF8.decodeUnsafe(buffer, size).replaceAll("\0", ";"));
  } else if (name == "print") {
    const text = new Utf8(word(words, 2) + "\n");
    store<u32>(OUT_POINTER, <u32>text.pointer);
    store<u32>(OUT_POINTER + 4, <u32>text.size);
    const status = host.fd_write(<u32>parseInt(word(words, 1)), OUT_POINTER, 1, OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "log_level") {
    const status = host.proxy_get_log_level(OUT_VALUE);
    result(operation, status, load<u32>(OUT_VALUE).toString());
  } else if (name == "log_at") {
    const text = new Utf8(word(words, 2));
    result(operation, host.proxy_log(<u32>parseInt(word(words, 1)), text.pointer, text.size));
  } else if (name == "grpc") {
    const service = new Utf8(word(words, 1));
    const status = host.proxy_grpc_call(service.pointer, service.size, 0, 0, 0, 0, 0, 0, 0, 0, 100, OUT_VALUE);
    result(operation, status);
  } else {
    return false;
  }
  return true;
}
