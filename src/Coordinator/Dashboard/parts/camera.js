// Photographs with the camera, where the browser has one to offer: only over HTTPS or on this machine.
import { h, notice } from './element.js';
import { middleOf } from './pictures.js';

export const hasCamera = () => navigator.mediaDevices?.getUserMedia !== undefined;

// onPhoto(dataUrl) is called for each photograph, until the dialog is closed.
export async function photograph(title, onPhoto) {
  const problem = notice();
  const taken = notice('hint');
  let photos = 0;
  let stream = null;
  const video = h('video', { autoplay: true, playsinline: true, 'aria-label': 'Picture of the camera' });
  video.muted = true;
  const take = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => { onPhoto(middleOf(video)); taken.say(`${++photos} taken`); } }, 'Take photograph');
  const dialog = h('dialog', { class: 'ask camera', 'aria-labelledby': 'camera-title', onclose: () => { stream?.getTracks().forEach(track => track.stop()); dialog.remove(); } },
    h('h2', { id: 'camera-title' }, title), problem.element, video, taken.element,
    h('div', { class: 'buttons' }, take, h('button', { type: 'button', onclick: () => dialog.close() }, 'Done')));
  document.body.append(dialog);
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.srcObject = stream;
    take.disabled = false;
    if (!dialog.open) {
      stream.getTracks().forEach(track => track.stop());
    }
  } catch (error) {
    problem.say(error.name === 'NotAllowedError' ? 'The browser was not allowed to use the camera.' : 'There is no camera that can be used.');
  }
}
