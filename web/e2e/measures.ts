/** What is measured in the page: each of these functions is sent to the browser whole, so it uses nothing outside itself. */

interface Contrast {
  what: string;
  ratio: number;
}

/**
 * The contrasts of fields' borders with the ground in and around them, and of the marks of what is chosen (the open chat, the
 * chosen segment, the marked entry of a menu or of the palette) with their own ground and the one around. Colours as computed.
 */
export function contrasts(): { fields: Contrast[]; chosen: Contrast[] } {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!canvas) throw new Error('There is no canvas.');

  function luminanceOf(colour: string): number {
    if (!canvas) return 0;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function ratioOf(one: string, other: string): number {
    const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b);
    return Math.round(((light + 0.05) / (dark + 0.05)) * 100) / 100;
  }

  const isClear = (colour: string) => /^(?:transparent|rgba\(0, 0, 0, 0\))$/.test(colour);
  function groundOf(element: Element | null): string {
    for (let each = element; each; each = each.parentElement) {
      const { backgroundColor } = getComputedStyle(each);
      if (!isClear(backgroundColor)) return backgroundColor;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  }

  function measure(element: Element, mark: string): Contrast {
    const grounds = [groundOf(element), groundOf(element.parentElement)];
    const what = element.getAttribute('aria-label') ?? element.getAttribute('name') ?? element.textContent;
    return { what: `${element.tagName} ${what}`, ratio: Math.min(...grounds.map((ground) => ratioOf(mark, ground))) };
  }

  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true });
  const fields = [...document.querySelectorAll('input:not([type=radio], [type=checkbox]), textarea, select')]
    .filter((field) => isVisible(field) && !field.matches(':focus, :disabled'))
    .map((field) => {
      let framed: Element = field;
      while (framed.parentElement && getComputedStyle(framed).borderBottomStyle === 'none')
        framed = framed.parentElement;
      while (framed.parentElement && getComputedStyle(framed).borderBottomWidth === '0px')
        framed = framed.parentElement;
      return measure(framed, getComputedStyle(framed).borderBottomColor);
    });

  const chosen = [
    ...document.querySelectorAll(
      '[data-chats] [aria-current=page], label:has(> input:checked), [aria-selected=true], [data-highlighted]',
    ),
  ]
    .filter(isVisible)
    .map((element) => {
      const shadows = getComputedStyle(element).boxShadow.match(/[a-z]+\([^)]*\)/g) ?? [];
      const own = shadows.map((colour) => measure(element, colour)).toSorted((a, b) => b.ratio - a.ratio);
      return own[0] ?? measure(element, groundOf(element));
    });
  return { fields, chosen };
}

/**
 * What one can tap that is less than 40 px wide or high. A link in a line of text is as high as its line; then a circle of 24 px
 * around its middle may touch no other target.
 */
export function tooSmall(): string[] {
  const targets = [
    ...document.querySelectorAll(
      'button, a[href], input, select, textarea, summary, [role^=menuitem], [role=option], [role=tab]',
    ),
  ].filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    // What an open dialog keeps everybody from cannot be tapped.
    if (target.closest('[aria-hidden=true]')) return false;
    return width > 1 && height > 1 && target.checkVisibility({ visibilityProperty: true });
  });

  function isClearAround(link: Element): boolean {
    const { left, top, width, height } = link.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    return targets.every((other) => {
      if (other === link) return true;
      const rect = other.getBoundingClientRect();
      const dx = Math.max(rect.left - x, 0, x - rect.right);
      const dy = Math.max(rect.top - y, 0, y - rect.bottom);
      return Math.hypot(dx, dy) >= 12;
    });
  }

  return targets
    .filter((target) => {
      // A tap on the words beside a box ticks it.
      const tapped = target.matches('[type=checkbox]') ? (target.closest('label') ?? target) : target;
      const { width, height } = tapped.getBoundingClientRect();
      if (target.matches('a') && getComputedStyle(target).display === 'inline') return !isClearAround(target);
      // Boxes of a task list are only shown.
      if (target.matches('[type=checkbox]:disabled')) return false;
      return width < 39.5 || height < 39.5;
    })
    .map((target) => {
      const { width, height } = target.getBoundingClientRect();
      const name = target.getAttribute('aria-label') ?? target.textContent;
      return `${target.tagName} ${name}: ${Math.round(width)} x ${Math.round(height)}`;
    });
}

/** What reaches over the right edge of the screen, but for what scrolls sideways by itself or is cut on purpose. */
export function tooWide(): string[] {
  const isHeld = (element: Element | null): boolean => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      if (getComputedStyle(each).overflowX !== 'visible') return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll('*')]
    .filter((element) => {
      const { right, width, height } = element.getBoundingClientRect();
      return width > 1 && height > 1 && right > window.innerWidth + 0.5 && element.checkVisibility();
    })
    .filter((element) => !isHeld(element.parentElement))
    .map((element) => `${element.tagName}.${element.className}: ${element.getBoundingClientRect().right}`);
}
