// Copies a text for a person. The text is there to be copied by hand too.
(() => {
  'use strict';
  for (const button of document.querySelectorAll('button[data-copy]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const told = document.getElementById('copy-told');
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        told.textContent = 'Copied.';
      } catch {
        told.textContent = 'The browser did not allow it. Mark the text and copy it.';
      }
    });
  }
})();
