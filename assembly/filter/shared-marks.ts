import { ByteBuffer, Slice, persist } from "as-bytes/assembly";
import { Status, getSharedData, lastCas, setSharedData } from "as-proxy-wasm-sdk/assembly";
import { InvalidationMarks } from "../cache/invalidation-marks";
import { MarkList } from "../cache/mark-list";

const PREFIX = persist("signpost.invalidated.");

/** So many lists there are at most: the proxy never forgets shared data. */
const LISTS: u64 = 4096;

/** So often it is tried to add to a list that another worker is changing. */
const MOST_TRIES: i32 = 8;

/** Keeps the marks in the data that all workers' VMs of a proxy share. */
export class SharedMarks extends InvalidationMarks {
  private list: MarkList = new MarkList();
  private key: ByteBuffer = new ByteBuffer();
  private value: ByteBuffer = new ByteBuffer();

  latest(uriHash: u64): i64 {
    this.list.open(getSharedData(this.keyOf(uriHash)));
    return this.list.latest(uriHash);
  }

  mark(uriHash: u64, time: i64): void {
    const key = this.keyOf(uriHash);
    for (let i = 0; i < MOST_TRIES; i++) {
      this.list.open(getSharedData(key));
      const version = lastCas();
      this.list.writeWith(uriHash, time, this.value);
      if (setSharedData(key, this.value.view(), version) != Status.CasMismatch) return;
    }
    // Too much rather than too little.
    this.list.writeFloor(time, this.value);
    setSharedData(key, this.value.view());
  }

  private keyOf(uriHash: u64): Slice {
    return this.key
      .clear()
      .bytes(PREFIX)
      .decimal(<i64>(uriHash % LISTS))
      .view();
  }
}
