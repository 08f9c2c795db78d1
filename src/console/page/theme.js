// Light or dark, before anything is drawn. A script of its own that is no module, because modules wait for the document and the
// page would flash.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('clarion.theme') ?? 'auto';
  } catch {
    // Storage may be forbidden; the system's choice is used then.
  }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
