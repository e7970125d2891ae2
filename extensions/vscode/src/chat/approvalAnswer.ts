import type { ApprovalAnswer } from '../endpoint/client';
import type { Question } from './chatItem';

/** A word as the endpoint takes it. It names the action and, for more than once, the rule that the person saw, so it holds for nothing else. */
export function approvalAnswer(question: Question, word: 'once' | 'session' | 'always' | 'denied'): ApprovalAnswer {
  const hash = question.actionHash === undefined ? {} : { actionHash: question.actionHash };
  if (word === 'denied') {
    return { id: question.id, approved: false, ...hash };
  }

  return { id: question.id, approved: true, scope: word, ...(word === 'once' || question.rule === undefined ? {} : { rule: question.rule }), ...hash };
}
