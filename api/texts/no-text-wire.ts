/** Without Redis: one node, whose own memory holds all there is. Other processes on the same database are seen through the database. */
import type { HintWire, Mirror, TextWire } from './text-wire.ts';

const nothing: Mirror = { ready: Promise.resolve(), [Symbol.dispose]() {} };

export const noHintWire: HintWire = {
  send() {},
  ready: () => Promise.resolve(),
  isWhole: true,
};

export const noTextWire: TextWire = {
  carry: () => nothing,
  mirror: () => nothing,
  end() {},
  read: () => Promise.resolve(null),
  isWhole: false,
};
