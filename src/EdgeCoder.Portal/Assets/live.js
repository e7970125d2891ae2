// Live pages: when something changed, the page is read again and its parts are replaced. Without this script, or when it cannot connect, a page is as it was read.
(() => {
  'use strict';
  const main = document.querySelector('main[data-live]');
  if (!main) return;
  const topics = main.dataset.live.split(' ');
  const only = main.dataset.liveTask;
  let reading = false, again = false, polling = 0, source = null, ended = false;

  const end = () => {
    ended = true;
    source?.close();
    clearInterval(polling);
  };

  const put = (page) => {
    for (const part of document.querySelectorAll('[data-part]')) {
      const now = page.getElementById(part.id);
      // Nobody loses what is being typed.
      if (now && now.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(document.importNode(now, true));
    }
  };

  const read = async () => {
    if (ended) return;
    if (reading) { again = true; return; }
    reading = true;
    try {
      do {
        again = false;
        const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'manual' });
        if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403) { end(); return; }
        if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      } while (again);
    } catch {
      // Away: the next event or look tries again.
    } finally {
      reading = false;
    }
  };

  const look = () => { polling ||= setInterval(() => { read(); if (source.readyState === EventSource.CLOSED && !ended) open(); }, 15000); };

  const open = () => {
    source = new EventSource('/portal/api/events');
    source.addEventListener('open', () => { clearInterval(polling); polling = 0; });
    source.addEventListener('error', look);
    for (const topic of ['hello', 'reset']) source.addEventListener(topic, read);
    for (const topic of topics) {
      source.addEventListener(topic, (event) => { if (!only || JSON.parse(event.data).taskId === only) read(); });
    }
  };

  open();
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (event) => { if (event.persisted && !ended) open(); });
})();
