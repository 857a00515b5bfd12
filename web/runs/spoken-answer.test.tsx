import { render } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import { runWords } from './words';
import { SpokenAnswer } from './spoken-answer';

const { answering, finished } = runWords();

test('what is left at the end is said before it is said that it is the end', () => {
  const { says } = listen();
  expect(says({ isRunning: true })).toBe(answering);
  expect(says({ text: 'It works. Now we' })).toBe('It works.');
  expect(says({ text: 'It works. Now we **wait**.' })).toBe('It works.');
  expect(says({ text: '', isRunning: false })).toBe(`Now we wait . ${finished}`);
});

test('what came with the end is said too', () => {
  const { says } = listen();
  says({ isRunning: true });
  says({ text: 'It works. Now' });
  expect(says({ text: 'It works. Now we wait. Here.', isRunning: false })).toBe(`Now we wait. Here. ${finished}`);
  expect(says({ text: 'An earlier answer. And more. ' })).toBe(`Now we wait. Here. ${finished}`);
});

test('each part is said from its start, after the rest of the one before', () => {
  const { says } = listen();
  says({ isRunning: true });
  expect(says({ text: 'A long sentence at first. I will look it up' })).toBe('A long sentence at first.');
  expect(says({ text: 'Found. It' })).toBe('I will look it up Found.');
  expect(says({ text: 'Found. It is here.\n' })).toBe('It is here.');
  expect(says({ text: '', isRunning: false })).toBe(finished);
});

test('each answer is said from its start', () => {
  const { says } = listen();
  says({ isRunning: true });
  says({ text: 'The same. ' });
  says({ text: '', isRunning: false });
  expect(says({ isRunning: true })).toBe(answering);
  expect(says({ text: 'The same. ' })).toBe('The same.');
});

test('words that are forgotten and come again are said once', () => {
  const { says } = listen();
  says({ isRunning: true });
  expect(says({ text: 'One. Two. Three' })).toBe('One. Two.');
  expect(says({ text: '' })).toBe('One. Two.');
  expect(says({ text: 'One. T' })).toBe('One. Two.');
  expect(says({ text: 'One. Two. Three. Four' })).toBe('Three.');
});

test('nothing is said of an answer that was over before', () => {
  const { says } = listen();
  expect(says({ text: 'An old one. Long over.' })).toBe('');
});

/** What is spoken. */
function listen() {
  const [props, setProps] = createSignal({ text: '', isRunning: false });
  const { container } = render(() => <SpokenAnswer {...props()} />);
  return {
    says: (change: Partial<ReturnType<typeof props>>) => {
      setProps({ ...props(), ...change });
      return container.textContent;
    },
  };
}
