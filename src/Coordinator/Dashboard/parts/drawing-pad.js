// A sheet of white paper and a black pen, for mouse, touch and pen; what is drawn becomes a PNG file.
import { h } from './element.js';

const side = 280;
const penWidth = 18;

// onDrawn() is called after each stroke.
export function drawingPad(label, onDrawn) {
  const canvas = h('canvas', { class: 'pad', width: side, height: side, role: 'img', 'aria-label': label });
  const pen = canvas.getContext('2d');
  let isEmpty = true;
  let last = null;
  clear();

  canvas.addEventListener('pointerdown', event => {
    if (event.button === 0) {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      last = at(event);
      line(last);
    }
  });
  canvas.addEventListener('pointermove', event => last && (event.getCoalescedEvents?.() ?? [event]).concat(event).map(at).forEach(line));
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      if (last) {
        last = null;
        onDrawn();
      }
    });
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) * side / box.width, y: (event.clientY - box.top) * side / box.height };
  }

  function line(to) {
    pen.beginPath();
    pen.moveTo(last.x, last.y);
    pen.lineTo(to.x + 0.01, to.y);
    pen.stroke();
    last = to;
    isEmpty = false;
  }

  function clear() {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, side, side);
    [pen.strokeStyle, pen.lineWidth, pen.lineCap, pen.lineJoin] = ['#000', penWidth, 'round', 'round'];
    isEmpty = true;
  }

  return { element: canvas, clear, isEmpty: () => isEmpty, image: () => canvas.toDataURL('image/png') };
}
