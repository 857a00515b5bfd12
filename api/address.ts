import { isIPv6 } from 'node:net';

/**
 * What one person has for sure: an IPv4 address itself, of an IPv6 address the first 64 bits, since whoever has one has all
 * addresses that begin with them. Anything else as it is.
 */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped) return mapped;
  const [plain = ''] = address.split('%', 1);
  if (!isIPv6(plain)) return address;
  const [before = '', after] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const head = before ? before.split(':') : [];
  const tail = after ? after.split(':') : [];
  const groups =
    after === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The address of this server for a browser on this machine. */
export function addressToOpen(host: string, port: number): string {
  // A zone (fe80::1%eth0) has no place in a URL.
  const name = isIPv6(host) ? `[${host.replace(/%.*$/, '')}]` : host;
  const { hostname } = new URL(`http://${name}`);
  // These mean "every address", which is none that a browser opens.
  const isEvery = hostname === '0.0.0.0' || hostname === '[::]';
  return `http://${isEvery || hostname === '127.0.0.1' ? 'localhost' : hostname}:${port}`;
}
