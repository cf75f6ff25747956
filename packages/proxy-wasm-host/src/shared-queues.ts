import { Status } from "./abi/status.ts";
import { toBinaryString } from "./bytes.ts";

interface Queue {
  readonly items: Uint8Array[];
  /** Tells the root that registered the queue last: only that one hears of new items. */
  notify: (token: number) => void;
}

/** Queues between VMs, found by the id of the VM that registered them and a name. */
export class SharedQueues {
  readonly #tokens = new Map<string, number>();
  readonly #queues = new Map<number, Queue>();

  /** Makes the queue, or takes it over with what it holds, and returns its token. */
  register(vmId: string, name: Uint8Array, notify: (token: number) => void): number {
    const key = queueKey(vmId, name);
    const token = this.#tokens.get(key) ?? this.#tokens.size + 1;
    this.#tokens.set(key, token);
    const queue = this.#queues.get(token);
    if (queue === undefined) this.#queues.set(token, { items: [], notify });
    else queue.notify = notify;
    return token;
  }

  resolve(vmId: string, name: Uint8Array): number | undefined {
    return this.#tokens.get(queueKey(vmId, name));
  }

  enqueue(token: number, item: Uint8Array): Status {
    const queue = this.#queues.get(token);
    if (queue === undefined) return Status.NotFound;
    queue.items.push(item);
    queue.notify(token);
    return Status.Ok;
  }

  /** The oldest item, or the status that says why there is none. */
  dequeue(token: number): Uint8Array | Status {
    const queue = this.#queues.get(token);
    if (queue === undefined) return Status.NotFound;
    return queue.items.shift() ?? Status.Empty;
  }
}

function queueKey(vmId: string, name: Uint8Array): string {
  return `${vmId}\0${toBinaryString(name)}`;
}
