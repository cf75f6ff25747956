import type { ProxyHost } from "proxy-wasm-host";

/** What the filter has logged so far. */
export function messages(proxy: ProxyHost): string[] {
  return proxy.logs.map(({ message }) => message);
}

/** The one thing in a list of one. */
export function only<T>(list: readonly T[]): T {
  const [first, ...others] = list;
  if (first === undefined || others.length > 0) throw new Error(`${list.length} where one was expected`);
  return first;
}
