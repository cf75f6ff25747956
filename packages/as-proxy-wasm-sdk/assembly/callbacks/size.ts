/** A count or size from the host as an `i32`: no header map or body reaches 2 GiB, and a sign must not appear. */
@inline
export function sizeFromHost(size: u32): i32 {
  return <i32>min<u32>(size, i32.MAX_VALUE);
}
