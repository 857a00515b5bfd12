import { z } from 'zod';

import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'An instant: RFC 3339, UTC, milliseconds, as `2026-11-20T08:30:00.000Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => new Date(z.iso.datetime({ offset: true }).parse(value)),
});

builder.scalarType('UUID', {
  description:
    'A UUID in its usual form, as `0199a1b2-0000-7000-8000-000000000000`. Chosen by the client, so that a request sent twice is done once.',
  serialize: String,
  parseValue: (value) => z.guid().parse(value).toLowerCase(),
});

builder.scalarType('SafeInt', {
  description: 'A whole number from 0 to 9,007,199,254,740,991, which is more than an `Int` holds. In JSON, a number.',
  serialize: (value) => value,
  parseValue: (value) => z.int().min(0).parse(value),
});
