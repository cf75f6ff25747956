import { ByteBuffer, Slice, equal, lengthOf, persist } from "as-bytes/assembly";
import {
  HeaderMap,
  PairsBuilder,
  clearRouteCache,
  removeHeader,
  replaceHeader,
  sendLocalResponse,
} from "as-proxy-wasm-sdk/assembly";
import { ClientRequest } from "../request/client-request";
import { Change, ChangesReader } from "../route/changes";
import { appendPathKeepingQuery } from "../route/path";
import { ClientHeaders } from "./client-headers";

const PATH = persist(":path");
const AUTHORITY = persist(":authority");
const LOCATION = persist("location");
const DETAILS = persist("signpost");

const reader = new ChangesReader();
const path = new ByteBuffer();
const answerHeaders = new PairsBuilder();

/**
 * Does to the request what its lookups decided; the host calls of a hit, but for reading, are the ones in here. `owned`
 * are the headers that only records may set: what the client sent under them goes, whatever the lookups said.
 */
export function applyChanges(
  changes: Slice,
  request: ClientRequest,
  headers: ClientHeaders,
  owned: Array<Slice>,
): void {
  let changed = removeOwned(changes, headers, owned);
  reader.begin(changes);
  while (reader.next()) {
    changed = true;
    switch (reader.change) {
      case Change.SetPath:
        appendPathKeepingQuery(path.clear(), reader.value, request.query);
        replaceHeader(HeaderMap.RequestHeaders, PATH, path.view());
        break;
      case Change.SetHost:
        replaceHeader(HeaderMap.RequestHeaders, AUTHORITY, reader.value);
        break;
      case Change.SetHeader:
        replaceHeader(HeaderMap.RequestHeaders, reader.name, reader.value);
        break;
      case Change.RemoveHeader:
        removeHeader(HeaderMap.RequestHeaders, reader.name);
        break;
      default:
        break;
    }
  }
  // Not every build of Envoy chooses the route anew when its headers have changed, unless it is told to.
  if (changed) clearRouteCache();
}

/** Sends the answer that `changes` are. After it the request must neither go on nor be answered again. */
export function sendAnswer(changes: Slice): void {
  if (!reader.begin(changes).next()) return;
  answerHeaders.clear();
  if (lengthOf(reader.name) > 0) answerHeaders.add(LOCATION, reader.name);
  sendLocalResponse(<u32>reader.number, DETAILS, reader.value, answerHeaders);
}

/** Removes the owned headers that the changes do not set anyway; says whether there was one. */
function removeOwned(changes: Slice, headers: ClientHeaders, owned: Array<Slice>): bool {
  let removed = false;
  for (let i = 0; i < owned.length; i++) {
    const name = unchecked(owned[i]);
    // Where nothing else changes, a look first is cheaper than a new choice of the route for nothing.
    if (sets(changes, name) || (lengthOf(changes) == 0 && !headers.mayHave(name))) continue;
    removeHeader(HeaderMap.RequestHeaders, name);
    removed = true;
  }
  return removed;
}

function sets(changes: Slice, name: Slice): bool {
  reader.begin(changes);
  while (reader.next()) {
    if (reader.change == Change.SetHeader && equal(reader.name, name)) return true;
  }
  return false;
}
