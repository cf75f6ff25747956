/** The host functions of ABI 0.2.1, as raw as they are: the tests are about what the host does with any argument. */
@external("env", "proxy_log")
export declare function proxy_log(level: u32, pointer: usize, size: usize): u32;


@external("env", "proxy_get_log_level")
export declare function proxy_get_log_level(level: usize): u32;


@external("env", "proxy_get_header_map_value")
export declare function proxy_get_header_map_value(m: u32, n: usize, ns: usize, vpp: usize, vsp: usize): u32;


@external("env", "proxy_add_header_map_value")
export declare function proxy_add_header_map_value(m: u32, n: usize, ns: usize, v: usize, vs: usize): u32;


@external("env", "proxy_replace_header_map_value")
export declare function proxy_replace_header_map_value(m: u32, n: usize, ns: usize, v: usize, vs: usize): u32;


@external("env", "proxy_remove_header_map_value")
export declare function proxy_remove_header_map_value(m: u32, n: usize, ns: usize): u32;


@external("env", "proxy_get_header_map_pairs")
export declare function proxy_get_header_map_pairs(m: u32, pp: usize, sp: usize): u32;


@external("env", "proxy_set_header_map_pairs")
export declare function proxy_set_header_map_pairs(m: u32, p: usize, s: usize): u32;


@external("env", "proxy_get_header_map_size")
export declare function proxy_get_header_map_size(m: u32, sp: usize): u32;


@external("env", "proxy_get_buffer_bytes")
export declare function proxy_get_buffer_bytes(b: u32, start: u32, length: u32, pp: usize, sp: usize): u32;


@external("env", "proxy_get_buffer_status")
export declare function proxy_get_buffer_status(b: u32, lp: usize, fp: usize): u32;


@external("env", "proxy_set_buffer_bytes")
export declare function proxy_set_buffer_bytes(b: u32, start: u32, length: u32, d: usize, ds: usize): u32;


@external("env", "proxy_http_call")
export declare function proxy_http_call(
  cluster: usize,
  clusterSize: usize,
  headers: usize,
  headersSize: usize,
  body: usize,
  bodySize: usize,
  trailers: usize,
  trailersSize: usize,
  timeoutMs: u32,
  token: usize,
): u32;


@external("env", "proxy_send_local_response")
export declare function proxy_send_local_response(
  status: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpcStatus: i32,
): u32;


@external("env", "proxy_continue_stream")
export declare function proxy_continue_stream(stream: u32): u32;


@external("env", "proxy_close_stream")
export declare function proxy_close_stream(stream: u32): u32;


@external("env", "proxy_set_effective_context")
export declare function proxy_set_effective_context(id: u32): u32;


@external("env", "proxy_done")
export declare function proxy_done(): u32;


@external("env", "proxy_get_status")
export declare function proxy_get_status(code: usize, pp: usize, sp: usize): u32;


@external("env", "proxy_call_foreign_function")
export declare function proxy_call_foreign_function(
  n: usize,
  ns: usize,
  a: usize,
  as: usize,
  pp: usize,
  sp: usize,
): u32;


@external("env", "proxy_get_property")
export declare function proxy_get_property(p: usize, ps: usize, pp: usize, sp: usize): u32;


@external("env", "proxy_set_property")
export declare function proxy_set_property(p: usize, ps: usize, v: usize, vs: usize): u32;


@external("env", "proxy_get_shared_data")
export declare function proxy_get_shared_data(k: usize, ks: usize, pp: usize, sp: usize, cas: usize): u32;


@external("env", "proxy_set_shared_data")
export declare function proxy_set_shared_data(k: usize, ks: usize, v: usize, vs: usize, cas: u32): u32;


@external("env", "proxy_register_shared_queue")
export declare function proxy_register_shared_queue(n: usize, ns: usize, token: usize): u32;


@external("env", "proxy_resolve_shared_queue")
export declare function proxy_resolve_shared_queue(v: usize, vs: usize, n: usize, ns: usize, token: usize): u32;


@external("env", "proxy_enqueue_shared_queue")
export declare function proxy_enqueue_shared_queue(token: u32, d: usize, ds: usize): u32;


@external("env", "proxy_dequeue_shared_queue")
export declare function proxy_dequeue_shared_queue(token: u32, pp: usize, sp: usize): u32;


@external("env", "proxy_define_metric")
export declare function proxy_define_metric(type: u32, n: usize, ns: usize, id: usize): u32;


@external("env", "proxy_increment_metric")
export declare function proxy_increment_metric(id: u32, offset: i64): u32;


@external("env", "proxy_record_metric")
export declare function proxy_record_metric(id: u32, value: u64): u32;


@external("env", "proxy_get_metric")
export declare function proxy_get_metric(id: u32, value: usize): u32;


@external("env", "proxy_set_tick_period_milliseconds")
export declare function proxy_set_tick_period_milliseconds(period: u32): u32;


@external("env", "proxy_get_current_time_nanoseconds")
export declare function proxy_get_current_time_nanoseconds(time: usize): u32;


@external("env", "proxy_grpc_call")
export declare function proxy_grpc_call(
  service: usize,
  serviceSize: usize,
  name: usize,
  nameSize: usize,
  method: usize,
  methodSize: usize,
  metadata: usize,
  metadataSize: usize,
  message: usize,
  messageSize: usize,
  timeoutMs: u32,
  token: usize,
): u32;


@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: u32, vectors: usize, count: u32, written: usize): u32;


@external("wasi_snapshot_preview1", "clock_time_get")
export declare function clock_time_get(clock: u32, precision: u64, time: usize): u32;


@external("wasi_snapshot_preview1", "random_get")
export declare function random_get(pointer: usize, size: u32): u32;


@external("wasi_snapshot_preview1", "environ_sizes_get")
export declare function environ_sizes_get(count: usize, size: usize): u32;


@external("wasi_snapshot_preview1", "environ_get")
export declare function environ_get(pointers: usize, buffer: usize): u32;
