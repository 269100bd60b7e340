// The status of a run or worker as a badge: a word, and a colour beside it.
import { h, setText } from './element.js';

const kinds = { training: 'good', ready: 'good', finished: 'done', queued: 'waiting', paused: 'waiting', stopped: 'waiting', failed: 'bad', unreachable: 'bad' };

export const badge = () => h('span', { class: 'badge' });

export function showStatus(element, status) {
  setText(element, status);
  element.dataset.kind = kinds[status] ?? 'bad';
}
