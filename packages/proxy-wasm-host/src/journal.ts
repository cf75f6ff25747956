/** A decoded argument or result. */
export type JournalValue = string | number | bigint | boolean | readonly (readonly [string, string])[];

/** A call of the module into the host. */
export interface HostCall {
  readonly kind: "host call";
  /** As imported: `proxy_log`, `fd_write`, … */
  readonly name: string;
  readonly vm: VmName;
  /** The id of the module's VMs: which module, where there are several. */
  readonly vmId: string;
  /** The context the call was made for: the effective one where the module has set one. */
  readonly contextId: number;
  /** Decoded arguments by name; empty when the call failed before they could be read. */
  readonly arguments: Readonly<Record<string, JournalValue>>;
  /** A `Status`, or an `Errno` of a WASI function; undefined for functions that return nothing. */
  status: number | undefined;
}

/** A call of the host into the module. */
export interface Callback {
  readonly kind: "callback";
  /** As exported: `proxy_on_request_headers`, `malloc`, … */
  readonly name: string;
  readonly vm: VmName;
  /** The id of the module's VMs: which module, where there are several. */
  readonly vmId: string;
  readonly contextId: number;
  /** Arguments as passed, without the context id. */
  readonly arguments: readonly number[];
  /** What the module returned; undefined for callbacks that return nothing, and after a trap. */
  result: number | undefined;
}

export type JournalEntry = HostCall | Callback;

/** Which VM: the number of the worker, or the one on the main thread. */
export type VmName = number | "main";

/** Everything that crossed the border between the host and the modules, in order. */
export class Journal {
  /** Off saves the decoding, too: for load runs and fuzzing. */
  recording: boolean;
  #entries: JournalEntry[] = [];

  constructor(recording: boolean) {
    this.recording = recording;
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  add(entry: JournalEntry): void {
    if (this.recording) this.#entries.push(entry);
  }

  /** The entries since the last `take`, which are then forgotten. */
  take(): JournalEntry[] {
    const taken = this.#entries;
    this.#entries = [];
    return taken;
  }
}

export function isHostCall(entry: JournalEntry): entry is HostCall {
  return entry.kind === "host call";
}

export function isCallback(entry: JournalEntry): entry is Callback {
  return entry.kind === "callback";
}
