// Runs before the first paint, so that a light page never flashes dark nor a dark one light.
try {
  const theme = localStorage.getItem('confab.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to us: the system's theme it is.
}
