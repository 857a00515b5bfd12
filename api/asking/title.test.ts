import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isTitleOpen, titleFromModel } from './title.ts';

describe('a title from a model', () => {
  test.each([
    ['`word ` »', 'word »'],
    ['Release plan for autumn', 'Release plan for autumn'],
    ['\n\n  Release plan  \nHere is why: …', 'Release plan'],
    ['"Release plan."', 'Release plan'],
    ['“Release plan”.', 'Release plan'],
    ['«План выпуска».', 'План выпуска'],
    ['「リリース計画」。', 'リリース計画'],
    ["'Release plan'", 'Release plan'],
    ['# Release plan', 'Release plan'],
    ['**Release plan**', 'Release plan'],
    ['- *Release plan*', 'Release plan'],
    ['`npm ci` explained', 'npm ci explained'],
    ['Title: **"Release plan"**', 'Release plan'],
    ['Chat title: Release plan', 'Release plan'],
    ['Название: План выпуска', 'План выпуска'],
    ['[Release plan](https://evil.example)', 'Release plan'],
    ['![x](https://evil.example/x.png) Release plan', 'x Release plan'],
    ['```\nRelease plan\n```', 'Release plan'],
    // What belongs to it stays.
    ['What is a monad?', 'What is a monad?'],
    ['__init__ in Python', '__init__ in Python'],
    ['"A" and "B"', '"A" and "B"'],
    ['Ann’s plan', 'Ann’s plan'],
    ['C# and .NET 9', 'C# and .NET 9'],
    ['Family 👨‍👩‍👧 budget', 'Family 👨‍👩‍👧 budget'],
    // Hidden characters.
    ['Evil\u202egnp.exe\u202c', 'Evilgnp.exe'],
    ['\u2066Safe\u2069 \u200bplan\ufeff', 'Safe plan'],
    ['Tab\tand\0NUL\u0007', 'Tab and NUL'],
    ['One\u2028two', 'One'],
    // No title at all.
    ['', ''],
    [' \n\t', ''],
    ['"".', ''],
    ['**', ''],
    ['…', ''],
    ['---', ''],
  ])('%j is %j', (said, title) => {
    expect(titleFromModel(said)).toBe(title);
  });

  test('is cut at a word where it is long, and is dropped where it is an answer', () => {
    const long = 'A plan of all that has to be done before the autumn release can go out to the people';
    expect(titleFromModel(long)).toBe('A plan of all that has to be done before the autumn release can go out to the…');
    expect(titleFromModel(`${long} and ${long}`)).toBe('');
  });

  test('is a short line that can be stored, whatever the model says', () => {
    const wild = fc.string({
      unit: fc.constantFrom(
        '\0',
        '\n',
        '\u202e',
        '\u200b',
        '"',
        '«',
        '»',
        '*',
        '`',
        '#',
        ' ',
        '.',
        '[',
        '](',
        ')',
        '😀',
        '\ud83d',
        'word',
        'слово',
      ),
      maxLength: 120,
    });
    fc.assert(
      fc.property(wild, (said) => {
        const title = titleFromModel(said);
        expect(title.length).toBeLessThanOrEqual(81);
        expect(title).toBe(title.trim());
        expect(title.isWellFormed()).toBe(true);
        expect(title).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\n\r]/u);
        // Cleaned once is clean.
        if (!title.endsWith('…')) expect(titleFromModel(title)).toBe(title);
      }),
    );
  });

  test('is read no further than its line', () => {
    expect(['', '\n \n', 'Release', '\nRelease plan'].map(isTitleOpen)).toEqual([true, true, true, true]);
    expect(['Release plan\n', '\n\nRelease\nplan', 'a'.repeat(400)].map(isTitleOpen)).toEqual([false, false, false]);
  });
});
