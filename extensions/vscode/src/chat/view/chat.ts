import type { ChatItem, ChatStatus } from '../chatItem';
import { draw } from './draw';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

/** What the extension sends. */
type HostMessage =
  | { readonly kind: 'clear' }
  | { readonly kind: 'update'; readonly items: readonly { readonly index: number; readonly item: ChatItem }[]; readonly status: ChatStatus };

const host = acquireVsCodeApi();
const items = find('items');
const status = find('status');
const prompt = find('prompt') as HTMLTextAreaElement;
const send = find('send') as HTMLButtonElement;
const cancel = find('cancel');

const actions = {
  answer: (id: string, word: string): void => host.postMessage({ kind: 'answer', id, word }),
  review: (): void => host.postMessage({ kind: 'review' }),
};

window.addEventListener('message', (event: MessageEvent<HostMessage>) => {
  const message = event.data;
  if (message.kind === 'clear') {
    items.replaceChildren();
    return;
  }

  const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
  for (const { index, item } of message.items) {
    const element = draw(document, item, actions);
    const old = items.children[index];
    if (old === undefined) {
      items.append(element);
    } else {
      keepOpen(old, element);
      old.replaceWith(element);
    }
  }

  status.textContent = message.status.text;
  send.disabled = message.status.isWorking;
  cancel.hidden = !message.status.isWorking;
  if (atEnd) {
    window.scrollTo(0, document.body.scrollHeight);
  }
});

send.addEventListener('click', submit);
cancel.addEventListener('click', () => host.postMessage({ kind: 'cancel' }));
prompt.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
host.postMessage({ kind: 'ready' });

function submit(): void {
  if (send.disabled || prompt.value.trim() === '') {
    return;
  }

  host.postMessage({ kind: 'prompt', text: prompt.value });
  prompt.value = '';
}

// An item is drawn anew while it grows; what a person had unfolded stays so.
function keepOpen(old: Element, element: Element): void {
  const before = old.querySelectorAll('details');
  element.querySelectorAll('details').forEach((details, index) => {
    details.open = before[index]?.open ?? false;
  });
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`The page has no ${id}.`);
  }

  return element;
}
