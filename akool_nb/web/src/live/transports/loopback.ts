// Whether this page came from the machine that the browser runs on.

/** The loopback names of https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy */
export function isLoopback(hostname: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|(.+\.)?localhost)$/.test(hostname);
}
