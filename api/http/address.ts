import { isIPv6 } from 'node:net';

/** The address of this server for a browser on this machine. */
export function addressToOpen(host: string, port: number): string {
  // A zone (fe80::1%eth0) has no place in a URL.
  const name = isIPv6(host) ? `[${host.replace(/%.*$/, '')}]` : host;
  const { hostname } = new URL(`http://${name}`);
  // These mean "every address", which a browser cannot open.
  const isEvery = hostname === '0.0.0.0' || hostname === '[::]';
  return `http://${isEvery || hostname === '127.0.0.1' ? 'localhost' : hostname}:${port}`;
}
