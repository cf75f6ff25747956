import { ByteBuffer, NONE, lengthOf, pointerOf } from "as-bytes/assembly";
import { EnvelopeWriter } from "../../../assembly/cache/envelope";
import { MarkList } from "../../../assembly/cache/mark-list";
import { HitForMiss } from "../../../assembly/cache/hit-for-miss";
import { RecordingBudget } from "../../../assembly/cache/recording";
import { StoredHeaders } from "../../../assembly/cache/stored-headers";
import { StoredResponses } from "../../../assembly/cache/stored-responses";
import { Visit } from "../../../assembly/cache/visit";
import { Place, WaitingList } from "../../../assembly/cache/waiting-list";
import { Store } from "../../../assembly/store/store";
import { atMemoryEnd, bytesOf, copyOf, optionalCopyOf } from "./bytes";

const into = new ByteBuffer();
const marks = new MarkList();

/** When a URI was invalidated by the list; 0 for never. */
export function markListLatest(list: Uint8Array | null, uriHash: u64): i64 {
  marks.open(list ? atMemoryEnd(list) : NONE);
  return marks.latest(uriHash);
}

export function markListWith(list: Uint8Array | null, uriHash: u64, time: i64): Uint8Array {
  marks.open(list ? atMemoryEnd(list) : NONE);
  marks.writeWith(uriHash, time, into);
  return copyOf(into.view());
}

export function markListFloor(time: i64): Uint8Array {
  marks.writeFloor(time, into);
  return copyOf(into.view());
}

let hitForMiss = new HitForMiss(1, 2);

export function hitForMissNew(): void {
  hitForMiss.dispose();
  hitForMiss = new HitForMiss(1, 2);
}

export function hitForMissAdd(key: Uint8Array, now: i64): void {
  hitForMiss.add(bytesOf(key), now);
}

export function hitForMissRemove(key: Uint8Array): void {
  hitForMiss.remove(bytesOf(key));
}

export function hitForMissHas(key: Uint8Array, now: i64): bool {
  return hitForMiss.has(bytesOf(key), now);
}

const budget = new RecordingBudget(0);
let waiting = new WaitingList();
let places: Array<Place> = [];

/** An empty list, and as many places, by number, that are in none. */
export function waitingNew(count: i32): void {
  waiting = new WaitingList();
  places = [];
  for (let i = 0; i < count; i++) {
    const visit = new Visit(budget);
    visit.stream = <u32>i;
    places.push(visit.waiterPlace);
  }
}

export function waitingPush(number: i32): void {
  waiting.push(places[number]);
}

export function waitingLeave(number: i32): void {
  places[number].leave();
}

/** The number of the first one; -1 for none. */
export function waitingFirst(): i32 {
  const first = waiting.first;
  return first ? <i32>first.stream : -1;
}

let held = new Store(0, 0, 1, 2);
let responses = new StoredResponses(held, 0);
const writer = new EnvelopeWriter();
const request = new StoredHeaders();

export function responsesNew(maxEntries: i32, maxBytes: i64, generation: u64): void {
  held.clear();
  held = new Store(maxEntries, maxBytes, 1, 2);
  responses = new StoredResponses(held, generation);
}

/** See `Finding`. */
export function responsesFind(primary: Uint8Array, requestFields: Uint8Array): i32 {
  request.begin(bytesOf(requestFields));
  return <i32>responses.find(bytesOf(primary), request);
}

/** After `responsesFind`. */
export function responsesBody(): Uint8Array {
  return copyOf(responses.found.body);
}

export function responsesSoughtKey(): Uint8Array {
  return copyOf(responses.soughtKey);
}

export function responsesReceivedAt(): i64 {
  return responses.foundReceivedAt;
}

/** Stores a response whose `Vary` lists these names, received then; false where there is no room. */
export function responsesWrite(
  primary: Uint8Array,
  names: Uint8Array,
  requestFields: Uint8Array,
  body: Uint8Array,
  receivedAt: i64,
): bool {
  request.begin(bytesOf(requestFields));
  writer.status = 200;
  writer.key = bytesOf(primary);
  writer.fields = NONE;
  writer.terms.receivedAt = receivedAt;
  const room = responses.write(writer, bytesOf(names), request, body.length);
  if (room == NONE) return false;
  assert(lengthOf(room) == body.length);
  memory.copy(pointerOf(room), body.dataStart, <usize>body.length);
  return true;
}

/** After `responsesWrite`: the index that leads to it; null where none does. */
export function responsesIndex(): Uint8Array | null {
  return optionalCopyOf(responses.indexBytes);
}

export function responsesWrittenKey(): Uint8Array {
  return copyOf(responses.writtenKey);
}

export function responsesRemoveFor(primary: Uint8Array, requestFields: Uint8Array): void {
  request.begin(bytesOf(requestFields));
  responses.removeFor(bytesOf(primary), request);
}

export function responsesRemove(primary: Uint8Array): void {
  responses.remove(bytesOf(primary));
}

export function responsesUnwrite(): void {
  responses.removeWritten();
}

export function responsesAdopt(key: Uint8Array, bytes: Uint8Array): bool {
  return responses.adopt(bytesOf(key), bytesOf(bytes));
}

export function responsesHeld(): i32 {
  return held.entries;
}

/** The bytes under a key; null for none. */
export function responsesRaw(key: Uint8Array): Uint8Array | null {
  return optionalCopyOf(held.find(bytesOf(key)));
}

/** The key of the variant that the request selects by the list of that place; null where there is no such list. */
export function responsesVariantKeyAt(primary: Uint8Array, requestFields: Uint8Array, place: i32): Uint8Array | null {
  request.begin(bytesOf(requestFields));
  return responses.appendVariantKeyAt(into.clear(), bytesOf(primary), request, place) ? copyOf(into.view()) : null;
}
