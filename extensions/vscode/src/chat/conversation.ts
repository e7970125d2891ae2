import { type Fields, visible } from '../endpoint/reading';
import { type ChangedFile, readChangedFile } from '../review/hunks';
import { hasPassed, failureLines, readTestReport, testLine } from '../runs/testReport';
import { badgeText, readRanOn, routeLine } from '../status/ranOn';
import type { ChatItem, ChatStatus, Question } from './chatItem';
import { splitFences } from './fences';

type ToolItem = Extract<ChatItem, { kind: 'tool' }>;

const mostOutput = 20_000;

/**
 * A session as its events tell it (agent-executor-models 1.7), folded into what a person sees. Pure: the same events give the same items. Unknown events are
 * passed over, so that a newer endpoint can say more; events that came already are not taken twice.
 */
export class Conversation {
  /** Id of the session; absent before its first event. */
  sessionId: string | undefined;
  /** Number of the last event. */
  seq = 0;
  /** Whether a prompt is being worked on. */
  isWorking = false;
  /** Whether the last event said that something failed: a session that cannot go on ends with it. */
  endsWithError = false;
  readonly items: ChatItem[] = [];
  status: ChatStatus = { text: '', isWorking: false };

  private readonly tools = new Map<string, number>();
  private readonly reviewed = new Map<string, ChangedFile>();
  private readonly interim = new Map<string, ChangedFile>();
  private readonly changed = new Set<number>();
  private answer: { readonly index: number; text: string } | undefined;
  private plan: number | undefined;

  constructor(private readonly showRoute: () => boolean = () => true) {}

  /** Files of the change as it stands: the review at the end, else what the steps told. */
  get files(): readonly ChangedFile[] {
    return [...(this.reviewed.size > 0 ? this.reviewed : this.interim).values()];
  }

  /** Questions that stand open. */
  get openQuestions(): readonly Question[] {
    return this.items.flatMap((item) => (item.kind === 'tool' && item.question !== undefined ? [item.question] : []));
  }

  /** Numbers of the items that changed since the last call. */
  takeChanged(): readonly number[] {
    this.settle();
    const numbers = [...this.changed].sort((one, other) => one - other);
    this.changed.clear();
    return numbers;
  }

  /** A person's prompt, shown at once. */
  say(text: string): void {
    this.add({ kind: 'person', text });
    this.begin();
  }

  /** Something that the extension itself has to say. */
  note(tone: 'info' | 'problem', text: string): void {
    this.add({ kind: 'note', tone, text });
  }

  /** The stream has ended, for whatever reason: nothing is being worked on and no question can be answered any more. */
  stop(text: string): void {
    this.isWorking = false;
    this.status = { text, isWorking: false };
    this.endAnswer();
    this.items.forEach((item, index) => {
      if (item.kind === 'tool' && (item.state === 'asking' || item.state === 'running')) {
        this.set(index, { ...item, question: undefined, state: item.state === 'asking' ? 'refused' : 'failed', decision: item.state === 'asking' ? 'not answered: taken as no' : item.decision });
      }
    });
  }

  /** The person's answer was taken by the endpoint; the event that confirms it may follow. */
  answered(questionId: string, words: string): void {
    const index = this.items.findIndex((item) => item.kind === 'tool' && item.question?.id === questionId);
    const item = this.items[index];
    if (item?.kind === 'tool') {
      this.set(index, { ...item, question: undefined, decision: words, state: words === 'denied' ? 'refused' : 'running' });
    }
  }

  /** Takes an event. Gives whether it was the last of its prompt. */
  take(event: Fields): boolean {
    const seq = event.number('seq') ?? 0;
    if (seq > 0 && seq <= this.seq) {
      return false;
    }

    this.seq = Math.max(this.seq, seq);
    this.sessionId = event.text('sessionId') || this.sessionId;
    const type = event.text('type');
    this.endsWithError = type === 'error';
    if (type !== 'text') {
      this.endAnswer();
    }

    switch (type) {
      case 'prompt': this.prompt(event.text('content') ?? ''); break;
      case 'status': this.state(event); break;
      case 'text': this.text(event.text('content') ?? ''); break;
      case 'plan': this.steps(event); break;
      case 'tool_call': this.call(event); break;
      case 'tool_result': this.result(event); break;
      case 'approval': this.approval(event); break;
      case 'shell_request': this.shell(event); break;
      case 'shell_output': this.output(event); break;
      case 'diff': this.diff(event); break;
      case 'test_report': this.tests(event); break;
      case 'review': this.note(event.flag('done') === true ? 'info' : 'problem', event.text('message') ?? 'The review changed.'); break;
      case 'egress_preview': this.note('info', `Would leave this machine: ${event.text('message') ?? event.text('summary') ?? event.json('payload', 2_000)}`); break;
      case 'escalation': this.note('info', event.text('message') ?? `Escalation: ${event.text('state') ?? 'changed'}`); break;
      case 'error': this.note('problem', [event.text('message') ?? 'Something failed and did not say what.', event.text('hint')].filter((part) => part !== undefined).join('\n')); break;
      case 'done': this.end(event); return true;
      default: break;
    }

    return false;
  }

  private begin(): void {
    this.isWorking = true;
    this.plan = undefined;
    this.interim.clear();
    this.reviewed.clear();
    this.status = { text: 'Waiting for the endpoint', isWorking: true };
  }

  // The endpoint says the prompt back; a stored session is told by it alone.
  private prompt(text: string): void {
    const last = this.items.findLast((item) => item.kind === 'person' || item.kind === 'end');
    if (!(last?.kind === 'person' && last.text === text)) {
      this.add({ kind: 'person', text });
    }

    this.begin();
  }

  private state(event: Fields): void {
    const place = event.fields('ranOn')?.text('kind');
    const steps = event.fields('budgetLeft')?.number('steps');
    const parts = [event.text('message') ?? event.text('state')?.replaceAll('_', ' ') ?? 'Working', place === 'this-machine' ? 'on this machine' : place === undefined ? undefined : `on: ${place}`, steps === undefined ? undefined : `${steps} steps left`];
    this.isWorking = true;
    this.status = { text: parts.filter((part) => part !== undefined).join(' · '), isWorking: true };
  }

  private text(content: string): void {
    if (content === '') {
      return;
    }

    this.answer ??= { index: this.add({ kind: 'answer', pieces: [] }), text: '' };
    this.answer.text += content;
    this.changed.add(this.answer.index);
  }

  // Splitting for each piece of a long answer would take time with the square of its length: it is done when somebody looks.
  private settle(): void {
    if (this.answer !== undefined) {
      this.items[this.answer.index] = { kind: 'answer', pieces: splitFences(this.answer.text) };
    }
  }

  private endAnswer(): void {
    this.settle();
    this.answer = undefined;
  }

  private steps(event: Fields): void {
    const item: ChatItem = { kind: 'plan', steps: event.list('steps').map((step) => ({ text: step.text('description') ?? 'a step without a description', status: step.text('status') ?? 'pending' })) };
    if (this.plan === undefined) {
      this.plan = this.add(item);
    } else {
      this.set(this.plan, item);
    }
  }

  // A call whose action has changed is told again, with another question.
  private call(event: Fields): void {
    const id = event.text('id');
    const tool = event.text('tool') ?? 'a tool without a name';
    const questionId = event.text('approvalId');
    const item: ToolItem = {
      kind: 'tool',
      title: event.text('summary') ?? tool,
      args: actionText(event),
      state: event.flag('requires_approval') === true ? 'asking' : 'running',
      question: questionId === undefined ? undefined : { id: questionId, reason: event.text('reason'), rule: event.text('rule'), actionHash: event.text('actionHash') },
      decision: undefined,
      output: '',
    };
    const known = id === undefined ? undefined : this.tools.get(id);
    if (known !== undefined) {
      this.set(known, item);
      return;
    }

    const index = this.add(item);
    if (id !== undefined) {
      this.tools.set(id, index);
    }
  }

  private result(event: Fields): void {
    const error = event.text('error');
    this.change(event, (item) => ({
      ...item,
      question: undefined,
      state: item.state === 'refused' ? 'refused' : error === undefined ? 'done' : 'failed',
      output: item.output === '' ? capped(error ?? event.text('result') ?? '') : item.output,
    }));
  }

  private approval(event: Fields): void {
    const decision = event.text('decision') ?? 'decided';
    const isNo = decision === 'denied' || decision === 'expired';
    this.change(event, (item) => ({ ...item, question: undefined, decision: `${decision}, by ${event.text('by') ?? 'somebody'}`, state: isNo ? 'refused' : 'running' }));
  }

  private shell(event: Fields): void {
    const command = event.texts('command').join(' ') || event.text('command') || 'a command';
    this.change(event, (item) => ({ ...item, title: `${item.title}${item.title.includes(command) ? '' : `: ${command}`}${event.flag('network') === true ? ' (with network)' : ''}` }));
  }

  private output(event: Fields): void {
    const code = event.number('exit_code');
    const text = [event.text('stdout'), event.text('stderr'), code === undefined ? undefined : `exit code ${code}`].filter((part) => part !== undefined && part !== '').join('\n');
    this.change(event, (item) => ({ ...item, output: capped(text) }));
  }

  private diff(event: Fields): void {
    const file = readChangedFile(event);
    if (file === undefined) {
      return;
    }

    const isReview = event.text('id') === 'review';
    (isReview ? this.reviewed : this.interim).set(file.path, file);
    if (isReview) {
      const name = file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`;
      this.add({ kind: 'change', title: `${file.kind} ${name}${file.isBinary ? ' (not text)' : ''}`, caution: file.caution, lines: file.hunks.flatMap((hunk) => hunk.lines) });
    }
  }

  private tests(event: Fields): void {
    const report = readTestReport(event.fields('report'));
    if (report !== undefined) {
      this.add({ kind: 'tests', passed: hasPassed(report), title: testLine(report), details: capped(failureLines(report).join('\n')) });
    }
  }

  private end(event: Fields): void {
    const marks = event.fields('edgecoder');
    const execution = event.fields('execution');
    const ran = readRanOn({ fields: marks === undefined && execution !== undefined ? execution : event, route: undefined });
    const outcome = event.text('outcome')?.replaceAll('_', ' ') ?? 'ended';
    const message = execution?.text('outcomeMessage');
    this.stop('');
    this.add({
      kind: 'end',
      text: `${outcome}${outcome === 'succeeded' && event.text('verification') !== undefined ? `, ${event.text('verification') ?? ''}` : ''}${message === undefined ? '' : `. ${message}`}`,
      badge: this.showRoute() ? routeLine(ran) : badgeText(ran),
      canReview: this.files.length > 0,
    });
  }

  private change(event: Fields, to: (item: ToolItem) => ToolItem): void {
    const index = this.tools.get(event.text('id') ?? '');
    const item = index === undefined ? undefined : this.items[index];
    if (index !== undefined && item?.kind === 'tool') {
      this.set(index, to(item));
    }
  }

  private add(item: ChatItem): number {
    this.changed.add(this.items.length);
    return this.items.push(item) - 1;
  }

  private set(index: number, item: ChatItem): void {
    this.items[index] = item;
    this.changed.add(index);
  }
}

// What would be done, exactly: the arguments, and for a question also the command, the files and the host that they come to.
function actionText(event: Fields): string {
  const more = { command: event.texts('command').join(' '), paths: event.texts('paths').join('\n'), host: event.text('host') ?? '' };
  const lines = Object.entries(more).filter(([, text]) => text !== '').map(([name, text]) => `${name}: ${visible(text)}`);
  return [...lines, event.json('args')].join('\n');
}

function capped(text: string): string {
  return text.length <= mostOutput ? text : `${text.slice(0, mostOutput)}\n… ${text.length - mostOutput} more characters`;
}
