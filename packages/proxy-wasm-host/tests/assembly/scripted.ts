/**
 * A filter that does what its configuration says. Each line is `callback: operation | operation`; every operation makes one
 * host call and logs what came of it, and `return N` sets what the callback returns. Roots have their own scripts, and
 * every callback says on level debug that it has run.
 */
import * as host from "./host";
import { perform, say, setLastStream } from "./operations";
import { OUT_POINTER, OUT_SIZE, Utf8, takeReturned } from "./text";

const scripts = new Map<u32, Map<string, string>>();
const rootOfStream = new Map<u32, u32>();

function heard(callback: string, context: u32, text: string = ""): void {
  const line = new Utf8(callback + " " + context.toString() + text);
  host.proxy_log(1, line.pointer, line.size);
}

function run(callback: string, context: u32, otherwise: u32): u32 {
  const root = rootOfStream.has(context) ? rootOfStream.get(context) : context;
  if (!scripts.has(root)) return otherwise;
  const script = scripts.get(root);
  if (!script.has(callback)) return otherwise;
  const operations = script.get(callback).split(" | ");
  let returned = otherwise;
  for (let i = 0; i < operations.length; i++) {
    const value = perform(operations[i]);
    if (value >= 0) returned = <u32>value;
  }
  return returned;
}

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_on_context_create(context: u32, parent: u32): void {
  heard("create", context, " of " + parent.toString());
  if (parent != 0) {
    rootOfStream.set(context, parent);
    setLastStream(context);
  }
}

export function proxy_on_vm_start(context: u32, size: u32): u32 {
  heard("vm_start", context);
  host.proxy_get_buffer_bytes(6, 0, size, OUT_POINTER, OUT_SIZE);
  return takeReturned() == "refuse" ? 0 : 1;
}

export function proxy_on_configure(context: u32, size: u32): u32 {
  heard("configure", context);
  host.proxy_get_buffer_bytes(7, 0, size, OUT_POINTER, OUT_SIZE);
  const script = new Map<string, string>();
  const lines = takeReturned().split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].trim();
    const colon = line.indexOf(": ");
    if (colon >= 0) script.set(line.substring(0, colon), line.substring(colon + 2));
    else if (line.length > 0) say("no script: " + line);
  }
  scripts.set(context, script);
  return run("configure", context, 1);
}

export function proxy_on_tick(context: u32): void {
  heard("tick", context);
  run("tick", context, 0);
}

export function proxy_on_queue_ready(context: u32, token: u32): void {
  heard("queue_ready", context, " " + token.toString());
  run("queue_ready", context, 0);
}

export function proxy_on_request_headers(context: u32, count: u32, end: u32): u32 {
  heard("request_headers", context, " " + count.toString() + " " + end.toString());
  return run("request_headers", context, 0);
}

export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 {
  heard("request_body", context, " " + size.toString() + " " + end.toString());
  return run(end != 0 ? "request_body_end" : "request_body", context, 0);
}

export function proxy_on_request_trailers(context: u32, count: u32): u32 {
  heard("request_trailers", context, " " + count.toString());
  return run("request_trailers", context, 0);
}

export function proxy_on_response_headers(context: u32, count: u32, end: u32): u32 {
  heard("response_headers", context, " " + count.toString() + " " + end.toString());
  return run("response_headers", context, 0);
}

export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 {
  heard("response_body", context, " " + size.toString() + " " + end.toString());
  return run(end != 0 ? "response_body_end" : "response_body", context, 0);
}

export function proxy_on_response_trailers(context: u32, count: u32): u32 {
  heard("response_trailers", context, " " + count.toString());
  return run("response_trailers", context, 0);
}

export function proxy_on_http_call_response(context: u32, token: u32, headers: u32, body: u32, trailers: u32): void {
  const sizes = " " + headers.toString() + " " + body.toString() + " " + trailers.toString();
  heard("http_call_response", context, " token " + token.toString() + sizes);
  run("http_call_response", context, 0);
}

export function proxy_on_log(context: u32): void {
  heard("log", context);
  run("log", context, 0);
}

export function proxy_on_done(context: u32): u32 {
  heard("done", context);
  return run("done", context, 1);
}

export function proxy_on_delete(context: u32): void {
  heard("delete", context);
  run("delete", context, 0);
  rootOfStream.delete(context);
  scripts.delete(context);
}
