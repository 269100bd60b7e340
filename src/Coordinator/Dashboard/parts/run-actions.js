// Pause, resume and stop of a run.
import { h } from './element.js';
import { path, post } from '../data/api.js';
import { confirmed } from './confirm.js';

const commands = [
  { name: 'pause', title: 'Pause', of: ['queued', 'training'] },
  { name: 'resume', title: 'Resume', of: ['paused', 'stopped', 'failed'] },
  { name: 'stop', title: 'Stop', of: ['queued', 'training', 'paused'], question: id => `Stop ${id}? Its workers go on to other runs; what is committed stays, and it can be resumed.` },
];

// onRun(run) is called with the run after a command, fail(error or null) with what went wrong.
export function runActions(id, onRun, fail) {
  const buttons = commands.map(command => h('button', { type: 'button', 'aria-label': `${command.title} ${id}`, onclick: () => carryOut(command) }, command.title));
  const element = h('div', { class: 'buttons' }, buttons);

  async function carryOut({ name, title, question }) {
    if (question && !await confirmed(question(id), title)) {
      return;
    }

    buttons.forEach(button => { button.disabled = true; });
    try {
      onRun(await post(`runs/${path(id)}/${name}`));
      fail(null);
    } catch (error) {
      fail(error);
    } finally {
      buttons.forEach(button => { button.disabled = false; });
    }
  }

  return {
    element,
    update(run) {
      commands.forEach((command, i) => { buttons[i].hidden = !command.of.includes(run.status); });
    },
  };
}
