import { isIPv6 } from 'node:net';

/**
 * What one person has for sure: an IPv4 address itself, of an IPv6 address the first 64 bits, since whoever has one has all
 * addresses that begin with them. Anything else as it is.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%', 1);
  if (!isIPv6(plain)) return address;
  const hostname = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(hostname) ?? [];
  if (high && low) return mappedIPv4(Number.parseInt(high, 16), Number.parseInt(low, 16));
  const [before = '', after] = hostname.split('::');
  const head = before ? before.split(':') : [];
  const tail = after ? after.split(':') : [];
  const groups =
    after === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** IPv4 written as IPv6, in whatever form: `::ffff:192.0.2.1` is `::ffff:c000:201`. */
function mappedIPv4(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
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
