import { expect, test } from 'vitest';

import { addressToOpen } from './address.ts';

test.for([
  ['127.0.0.1', 'http://localhost:4000'],
  ['0.0.0.0', 'http://localhost:4000'],
  ['::', 'http://localhost:4000'],
  ['0:0:0:0:0:0:0:0', 'http://localhost:4000'],
  ['::1', 'http://[::1]:4000'],
  ['2001:DB8::1', 'http://[2001:db8::1]:4000'],
  ['fe80::1%eth0', 'http://[fe80::1]:4000'],
  ['192.0.2.1', 'http://192.0.2.1:4000'],
  ['chat.example.org', 'http://chat.example.org:4000'],
] as const)('a server that listens on %s is opened at %s', ([host, address]) => {
  expect(addressToOpen(host, 4000)).toBe(address);
});
