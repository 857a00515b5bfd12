import temml from 'temml';
import { describe, expect, test, vi } from 'vitest';
import { hostileFormulas, soundFormulas } from './markdown-formulas.fixtures';
import { drawFormula } from './markdown-math';

test('formulas as models write them are drawn', () => {
  const failed = soundFormulas.filter((tex) => !drawFormula(tex, false) || !drawFormula(tex, true));
  expect(failed).toEqual([]);
});

describe('hostile formulas', () => {
  const names = new Set<string>();
  const attributes = new Set<string>();
  const values: string[] = [];

  test('what is drawn of them has only elements and attributes of the lists', () => {
    for (const tex of hostileFormulas) {
      const drawn = drawFormula(tex, true);
      for (const element of drawn ? [drawn, ...drawn.querySelectorAll('*')] : []) {
        names.add(element.localName);
        for (const { name, value } of element.attributes) {
          attributes.add(name);
          values.push(value);
        }
      }
    }
    expect(names.size).toBeGreaterThan(5);
    for (const name of ['a', 'img', 'script', 'maction', 'annotation-xml', 'annotation', 'semantics', 'mglyph', 'form'])
      expect(names).not.toContain(name);
    for (const name of attributes) expect(name).not.toMatch(/^(?:on|href|src|id$|xlink|data|action)/);
    expect(values.join(' ')).not.toMatch(/url\(|expression|javascript|position|fixed|evil/);
  });

  test('lengths are at most 10 em', () => {
    const sizes = values.flatMap((value) => [...value.matchAll(/(\d+(?:\.\d+)?)em/g)].map(([, size]) => Number(size)));
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });

  test('no loop of definitions and no deep nesting is drawn', () => {
    const loops = hostileFormulas.filter((tex) =>
      /\\def|\\gdef|\\newcommand|(?:\\sqrt\{){300}|(?:x\^\{){450}/.test(tex),
    );
    expect(loops.length).toBeGreaterThan(5);
    expect(loops.filter((tex) => drawFormula(tex, false) !== null)).toEqual([]);
  });
});

test('a formula with hundreds of cells is not drawn, also when its macros bring them', () => {
  const library = vi.spyOn(temml, 'renderToString');
  const rows = (count: number) => `\\begin{matrix}${'a&b\\\\'.repeat(count)}\\end{matrix}`;
  expect(drawFormula(rows(200), true)).toBeNull();
  expect(drawFormula(rows(200).replaceAll('\\\\', '\\cr '), true)).toBeNull();
  expect(library).not.toHaveBeenCalled();
  expect(drawFormula(rows(20), true)).not.toBeNull();
  expect(drawFormula(`\\def\\r{a&b&c&d\\\\}\\begin{matrix}${'\\r'.repeat(150)}\\end{matrix}`, true)).toBeNull();
  expect(drawFormula('\\def\\r{a&b\\\\}\\begin{matrix}\\r\\r\\end{matrix}', true)).not.toBeNull();
});
