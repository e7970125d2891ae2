// Chat: shows words as they come. Without scripts the page does the same by its forms.
(() => {
  'use strict';
  let source = null;

  const follow = () => {
    const words = document.querySelector('[data-events]');
    if (!words || typeof EventSource !== 'function') return;
    words.closest('.message').querySelector('[data-told]').textContent = 'The answer is being written.';
    let begun = false;
    source?.close();
    source = new EventSource(words.dataset.events);
    source.onmessage = (event) => {
      if (event.data === '[DONE]') {
        source.close();
        load(location.pathname);
        return;
      }
      const part = JSON.parse(event.data);
      if (part.content === undefined) return;
      // The first connection tells all of it from the beginning.
      if (!begun) words.textContent = '';
      begun = true;
      words.append(part.content);
      if (window.innerHeight + window.scrollY > document.body.scrollHeight - 200) words.closest('.message').scrollIntoView({ block: 'end' });
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => load(location.pathname), 2000);
    };
  };

  // Takes the part of a page of ours that is the conversation.
  const take = (html, path) => {
    const fresh = new DOMParser().parseFromString(html, 'text/html');
    const chat = fresh.getElementById('chat');
    if (!chat) {
      location.assign(path);
      return;
    }
    const typed = document.getElementById('message')?.value ?? '';
    document.getElementById('chat').replaceWith(chat);
    document.querySelector('h1').textContent = fresh.querySelector('h1').textContent;
    document.title = fresh.title;
    if (path !== location.pathname) history.replaceState(null, '', path);
    return typed;
  };

  const load = async (path) => {
    const answer = await fetch(path, { headers: { accept: 'text/html' } });
    const typed = take(await answer.text(), path);
    if (typed) document.getElementById('message').value = typed;
    ready();
  };

  const send = async (form) => {
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { accept: 'text/html' } });
      take(await answer.text(), answer.ok ? new URL(answer.url).pathname : location.pathname);
      ready();
      document.getElementById('message')?.focus();
    } catch {
      button.disabled = false;
      form.querySelector('.hint').textContent = 'The portal does not answer. Your words are still here; send again in a moment.';
    }
  };

  const ready = () => {
    const form = document.querySelector('[data-composer]');
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      send(form);
    });
    document.getElementById('message')?.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    for (const code of document.querySelectorAll('.words pre:not([data-copy])')) {
      code.dataset.copy = '';
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'quiet copy';
      button.textContent = 'Copy';
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(code.querySelector('code').textContent);
        button.textContent = 'Copied';
      });
      code.before(button);
    }
    follow();
  };

  ready();
})();
