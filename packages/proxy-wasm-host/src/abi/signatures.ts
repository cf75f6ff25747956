/**
 * Types of the host functions, as Envoy 1.40 checks them when a module is loaded: `i` is an i32 argument, `I` an i64 one.
 * All return an i32 but for those in `RETURNING_NOTHING`.
 */
export type Signature = string;

const RETURNING_NOTHING = new Set(["emscripten_notify_memory_growth", "proc_exit"]);

const ENV_0_2_0: Readonly<Record<string, Signature>> = {
  emscripten_notify_memory_growth: "i",
  envoy_resolve_dns: "iii",
  proxy_add_header_map_value: "iiiii",
  proxy_call_foreign_function: "iiiiii",
  proxy_close_stream: "i",
  proxy_continue_stream: "i",
  proxy_define_metric: "iiii",
  proxy_dequeue_shared_queue: "iii",
  proxy_done: "",
  proxy_enqueue_shared_queue: "iii",
  proxy_get_buffer_bytes: "iiiii",
  proxy_get_buffer_status: "iii",
  proxy_get_current_time_nanoseconds: "i",
  proxy_get_header_map_pairs: "iii",
  proxy_get_header_map_size: "ii",
  proxy_get_header_map_value: "iiiii",
  proxy_get_metric: "ii",
  proxy_get_property: "iiii",
  proxy_get_shared_data: "iiiii",
  proxy_get_status: "iii",
  proxy_grpc_call: "iiiiiiiiiiii",
  proxy_grpc_cancel: "i",
  proxy_grpc_close: "i",
  proxy_grpc_send: "iiii",
  proxy_grpc_stream: "iiiiiiiii",
  proxy_http_call: "iiiiiiiiii",
  proxy_increment_metric: "iI",
  proxy_log: "iii",
  proxy_record_metric: "iI",
  proxy_register_shared_queue: "iii",
  proxy_remove_header_map_value: "iii",
  proxy_replace_header_map_value: "iiiii",
  proxy_resolve_shared_queue: "iiiii",
  proxy_send_local_response: "iiiiiiii",
  proxy_set_buffer_bytes: "iiiii",
  proxy_set_effective_context: "i",
  proxy_set_header_map_pairs: "iii",
  proxy_set_property: "iiii",
  proxy_set_shared_data: "iiiii",
  proxy_set_tick_period_milliseconds: "i",
  pthread_equal: "ii",
};

const ENV_0_2_1: Readonly<Record<string, Signature>> = { ...ENV_0_2_0, proxy_get_log_level: "i" };

const WASI: Readonly<Record<string, Signature>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  environ_get: "ii",
  environ_sizes_get: "ii",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_dir_name: "iii",
  fd_prestat_get: "ii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  // One argument less than WASI has, as is path_symlink: so it is in proxy-wasm-cpp-host.
  path_link: "iiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

/** The functions Envoy offers under an import module's name. What is not among them is a missing import. */
export function offeredFunctions(
  abiVersion: "0.2.0" | "0.2.1",
  module: string,
): Readonly<Record<string, Signature>> | undefined {
  switch (module) {
    case "env":
      return abiVersion === "0.2.1" ? ENV_0_2_1 : ENV_0_2_0;
    case "wasi_snapshot_preview1":
    case "wasi_unstable":
      return WASI;
    default:
      return undefined;
  }
}

/** A type in Envoy's words: `i32 i64 -> i32`. */
export function describeSignature(name: string, signature: Signature): string {
  const parameters = Array.from(signature, (type) => (type === "I" ? "i64" : "i32"));
  return describeType(parameters, RETURNING_NOTHING.has(name) ? [] : ["i32"]);
}

export function describeType(parameters: readonly string[], results: readonly string[]): string {
  return `${parameters.join(" ")} -> ${results.join(" ")}`;
}
