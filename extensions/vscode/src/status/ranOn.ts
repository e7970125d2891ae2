import type { Marked } from '../endpoint/client';
import type { Fields } from '../endpoint/reading';

/** Where an answer ran, as the answer says; nothing is concluded from what was asked for. */
export interface RanOn {
  /** `this-machine`, `team`, `swarm`, `agent`, `cloud`; absent when the answer does not say. */
  readonly place: string | undefined;
  readonly route: string | undefined;
  readonly model: string | undefined;
  readonly fallback: string | undefined;
  readonly latencyMs: number | undefined;
  readonly dataClass: string | undefined;
  readonly taskId: string | undefined;
  /** What left the machine, in words; empty when the answer says that nothing did, absent when it does not say. */
  readonly egress: readonly string[] | undefined;
}

/** Reads the member `edgecoder`, the header, and what an execution says of itself. Where they disagree, the one that is further away counts. */
export function readRanOn(answer: Marked): RanOn {
  const marks = answer.fields.fields('edgecoder');
  const own = answer.fields.fields('ranOn')?.text('kind');
  const places = [marks?.text('ranOn') ?? marks?.fields('ranOn')?.text('kind'), own, answer.route === 'swarm' ? 'swarm' : undefined].filter((place) => place !== undefined);
  return {
    place: places.find((place) => place !== 'this-machine') ?? places[0],
    route: marks?.text('route') ?? answer.route,
    model: marks?.text('model') ?? answer.fields.fields('model')?.text('id'),
    fallback: marks?.text('fallback'),
    latencyMs: marks?.number('latencyMs'),
    dataClass: marks?.text('dataClass') ?? answer.fields.text('dataClass'),
    taskId: marks?.text('taskId') ?? answer.fields.text('taskId'),
    egress: egressOf(marks, answer.fields),
  };
}

/** In a few words, for a badge. */
export function badgeText(ran: RanOn): string {
  const where = placeText(ran.place);
  return ran.fallback === undefined ? where : `${where} (fallback for ${ran.fallback})`;
}

/** In one line: place, route, model, time, class, and what left the machine. */
export function routeLine(ran: RanOn): string {
  const parts = [
    badgeText(ran),
    ran.route,
    ran.model,
    ran.latencyMs === undefined ? undefined : `${Math.round(ran.latencyMs)} ms`,
    ran.dataClass === undefined ? undefined : `class ${ran.dataClass}`,
    ran.taskId === undefined ? undefined : `task ${ran.taskId}`,
    egressText(ran),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

// What ran elsewhere has left, even where the list of what left is empty.
function egressText(ran: RanOn): string | undefined {
  if (ran.egress === undefined || (ran.egress.length === 0 && ran.place !== 'this-machine')) {
    return undefined;
  }

  return ran.egress.length === 0 ? 'nothing left this machine' : `left this machine: ${ran.egress.join('; ')}`;
}

function placeText(place: string | undefined): string {
  switch (place) {
    case undefined:
      return 'The answer does not say where it ran';
    case 'this-machine':
      return 'Ran on this machine';
    case 'team':
      return 'Ran on a machine of the team';
    case 'swarm':
    case 'agent':
      return 'Ran in the swarm';
    case 'cloud':
      return 'Ran in the cloud';
    default:
      return `Ran on: ${place}`;
  }
}

function egressOf(marks: Fields | undefined, body: Fields): readonly string[] | undefined {
  const holder = marks?.names.includes('egress') === true ? marks : body.names.includes('egress') ? body : undefined;
  if (holder === undefined) {
    return undefined;
  }

  const noted = holder.list('egress').map((note) => {
    const bytes = note.number('bytes');
    return `${bytes === undefined ? 'text' : `${bytes} bytes`} to ${note.text('destination') ?? 'an address that is not named'}`;
  });
  return [...holder.texts('egress'), ...noted];
}
