import type { ChatItem } from '../chatItem';

/** What a click does. */
export interface Actions {
  answer(id: string, word: 'once' | 'session' | 'always' | 'denied'): void;
  review(): void;
}

/**
 * Draws an item. Every text comes in as the text of a node, and every name of an element or class is written here: whatever a model, a tool or a file says
 * is shown and does nothing.
 */
export function draw(page: Document, item: ChatItem, actions: Actions): HTMLElement {
  const box = (name: string, ...children: readonly (Node | undefined)[]): HTMLElement => {
    const element = page.createElement('div');
    element.className = name;
    element.append(...children.filter((child) => child !== undefined));
    return element;
  };
  const line = (name: string, text: string, tag: 'div' | 'pre' | 'span' | 'li' = 'div'): HTMLElement => {
    const element = page.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  };
  const button = (text: string, act: () => void): HTMLElement => {
    const element = page.createElement('button');
    element.type = 'button';
    element.textContent = text;
    element.addEventListener('click', act);
    return element;
  };
  const folded = (title: string, text: string): HTMLElement | undefined => {
    if (text === '') {
      return undefined;
    }

    const element = page.createElement('details');
    const summary = page.createElement('summary');
    summary.textContent = title;
    element.append(summary, line('code', text, 'pre'));
    return element;
  };

  switch (item.kind) {
    case 'person':
      return box('item person', line('prose', item.text));
    case 'answer':
      return box('item answer', ...item.pieces.map((piece) => (piece.kind === 'text' ? line('prose', piece.text) : box('block', piece.language === '' ? undefined : line('label', piece.language), line('code', piece.text, 'pre')))));
    case 'plan': {
      const list = page.createElement('ol');
      list.append(...item.steps.map((step) => line(`step ${step.status === 'completed' || step.status === 'in_progress' || step.status === 'failed' ? step.status : 'pending'}`, step.text, 'li')));
      return box('item plan', line('label', 'Plan'), list);
    }
    case 'tool': {
      const marks = { running: '…', asking: '?', done: '✓', failed: '✗', refused: '–' } as const;
      const { question } = item;
      const asked = question === undefined
        ? undefined
        : box(
            'question',
            line('prose', question.reason ?? 'May it do this?'),
            question.rule === undefined ? undefined : line('label', `Rule: ${question.rule}`),
            box(
              'choices',
              button('Allow once', () => actions.answer(question.id, 'once')),
              question.rule === undefined ? undefined : button('For this session', () => actions.answer(question.id, 'session')),
              question.rule === undefined ? undefined : button('Always in this project', () => actions.answer(question.id, 'always')),
              button('Deny', () => actions.answer(question.id, 'denied')),
            ),
          );
      return box(
        `item tool ${item.state}`,
        line('title', `${marks[item.state]} ${item.title}`),
        item.decision === undefined ? undefined : line('label', item.decision),
        question === undefined ? folded('What exactly', item.args) : line('code', item.args, 'pre'),
        asked,
        folded('Output', item.output),
      );
    }
    case 'change': {
      const code = page.createElement('pre');
      code.className = 'code';
      code.append(...item.lines.map((text) => line(text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'same', `${text}\n`, 'span')));
      return box('item change', line('title', item.title), item.caution === undefined ? undefined : line('caution', item.caution), code);
    }
    case 'tests':
      return box(`item tests ${item.passed ? 'passed' : 'failed'}`, line('title', item.title), item.details === '' ? undefined : line('code', item.details, 'pre'));
    case 'note':
      return box(`item note ${item.tone}`, line('prose', item.text));
    case 'end':
      return box('item end', line('title', item.text), line('badge', item.badge), item.canReview ? button('Review change', () => actions.review()) : undefined);
  }
}
