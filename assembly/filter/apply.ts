import { ByteBuffer, Slice, equal, lengthOf, persist } from "as-bytes/assembly";
import {
  HeaderMap,
  PairsBuilder,
  Status,
  clearRouteCache,
  removeHeader,
  replaceHeader,
  sendLocalResponse,
} from "as-proxy-wasm-sdk/assembly";
import { ClientRequest } from "../request/client-request";
import { Change, ChangesReader } from "../route/changes";
import { appendPathKeepingQuery } from "../route/path";
import { ClientHeaders } from "./client-headers";
import { couldNot } from "./host-status";
import { refuseRequest } from "./refusal";

const PATH = persist(":path");
const AUTHORITY = persist(":authority");
const LOCATION = persist("location");
const DETAILS = persist("signpost");

const reader = new ChangesReader();
const path = new ByteBuffer();
const answerHeaders = new PairsBuilder();

/**
 * Does to the request what its lookups decided; the host calls of a hit, but for reading, are the ones in here. `owned`
 * are the headers that only records may set: what the client sent under them goes, whatever the lookups said. False when the
 * proxy did not do all of it: such a request is neither as it came nor as it should be, and must not go on.
 */
export function applyChanges(
  changes: Slice,
  request: ClientRequest,
  headers: ClientHeaders,
  owned: Array<Slice>,
): bool {
  if (!removeOwned(changes, headers, owned)) return false;
  let changed = ownedRemoved;
  reader.begin(changes);
  while (reader.next()) {
    changed = true;
    if (!apply(request)) return false;
  }
  // Not every build of Envoy chooses the route anew when its headers have changed, unless it is told to.
  return !changed || !couldNot(clearRouteCache());
}

/** Applies the reader's change; whether the proxy did. */
function apply(request: ClientRequest): bool {
  switch (reader.change) {
    case Change.SetPath:
      appendPathKeepingQuery(path.clear(), reader.value, request.query);
      return replaceHeader(HeaderMap.RequestHeaders, PATH, path.view()) == Status.Ok;
    case Change.SetHost:
      return replaceHeader(HeaderMap.RequestHeaders, AUTHORITY, reader.value) == Status.Ok;
    case Change.SetHeader:
      return replaceHeader(HeaderMap.RequestHeaders, reader.name, reader.value) == Status.Ok;
    case Change.RemoveHeader:
      return !couldNot(removeHeader(HeaderMap.RequestHeaders, reader.name));
    default:
      return true;
  }
}

/** Sends the answer that `changes` are. After it the request must neither go on nor be answered again. */
export function sendAnswer(changes: Slice): void {
  if (!reader.begin(changes).next()) return;
  answerHeaders.clear();
  if (lengthOf(reader.name) > 0) answerHeaders.add(LOCATION, reader.name);
  const status = sendLocalResponse(<u32>reader.number, DETAILS, reader.value, answerHeaders);
  if (status != Status.Ok) refuseRequest();
}

/** After `removeOwned`: whether there was one to remove. */
let ownedRemoved: bool = false;

/** Removes the owned headers that the changes do not set anyway; false when the proxy did not. */
function removeOwned(changes: Slice, headers: ClientHeaders, owned: Array<Slice>): bool {
  ownedRemoved = false;
  for (let i = 0; i < owned.length; i++) {
    const name = unchecked(owned[i]);
    // Where nothing else changes, a look first is cheaper than a new choice of the route for nothing.
    if (sets(changes, name) || (lengthOf(changes) == 0 && !headers.mayHave(name))) continue;
    if (couldNot(removeHeader(HeaderMap.RequestHeaders, name))) return false;
    ownedRemoved = true;
  }
  return true;
}

function sets(changes: Slice, name: Slice): bool {
  reader.begin(changes);
  while (reader.next()) {
    if (reader.change == Change.SetHeader && equal(reader.name, name)) return true;
  }
  return false;
}
