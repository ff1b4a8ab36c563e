import { MATRIX } from '../imports/matrix.ts';
import { type RoomEdge, reduceGraph } from './room-graph.ts';
import { type Language, ROOM_WORDS } from './room-words.ts';

const BEGIN = '<!-- rooms: made by scripts/generate-room-picture.ts -->';
const END = '<!-- end of rooms -->';

/** The rooms as a mermaid picture: an arrow points to the room that is imported, and what follows from other arrows is left out. Pure. */
export function formatRoomPicture(edges: readonly RoomEdge[], language: Language): string {
  const arrows = reduceGraph(edges).map(({ from, to, isTypeOnly }) => `  ${from} ${isTypeOnly ? '-.->' : '-->'} ${to}`);
  const rooms = Object.keys(MATRIX)
    .reverse()
    .map(room => `  ${room}["<b>${room}</b><br/>${wordsFor(room, language)}"]`);
  return ['```mermaid', 'flowchart TD', ...rooms, ...arrows, '```'].join('\n');
}

function wordsFor(room: string, language: Language): string {
  const words = ROOM_WORDS[room];
  if (words === undefined) throw new Error(`Cannot draw room "${room}": expected words for it in room-words.ts`);
  return words[language];
}

/** A page with its picture replaced. @throws Error when it has no place for one */
export function putRoomPicture(page: string, picture: string): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = (rest ?? '').split(END);
  if (before === undefined || after === undefined)
    throw new Error(`Cannot put the picture: expected ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${picture}\n\n${END}${after}`;
}
