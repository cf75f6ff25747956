/** What Redis said, in Webdis' `.raw` format: the error's text, or undefined where it is none. */
export function redisError(body: string): string | undefined {
  return body.startsWith("-") ? body.slice(1).split("\r\n", 1)[0] : undefined;
}

/** Whether a body is a reply of Redis at all. */
export function isRedisReply(body: string): boolean {
  return /^[-+:$*]/.test(body);
}
