// What the pages can do besides being read: without it, all of their text is there.
for (const code of document.querySelectorAll('.code')) {
  // Browsers give the clipboard to pages of https and localhost alone.
  if (!navigator.clipboard) break;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', () => void copy(code.querySelector('code').textContent, button));
  code.append(button);
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

// Finds names on the page of the reference that has all of them.
const filter = document.querySelector('.filter');
const input = filter?.querySelector('input');
const status = filter?.querySelector('[role=status]');

function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const section of document.querySelectorAll('.names')) {
    let isEmpty = true;
    for (const row of section.querySelectorAll('li')) {
      const text = row.dataset.words.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (row.hidden) continue;
      isEmpty = false;
      count += 1;
    }
    section.hidden = isEmpty;
  }
  status.textContent = words.length === 0 ? '' : `${count} found`;
}

if (filter) {
  filter.hidden = false;
  input.addEventListener('input', show);
  // A browser that goes back fills in what was typed.
  show();
}
