// Makes an element: attributes, listeners that start with 'on', and children; text is never read as HTML.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }

  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

// Changes the text only where it differs, so that screen readers and selections are left in peace.
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// A sentence that is announced when it changes; empty is hidden.
export function notice(kind = 'problem') {
  const element = h('p', { class: kind, role: kind === 'problem' ? 'alert' : 'status', hidden: true });
  return {
    element,
    say(sentence) {
      setText(element, sentence ?? '');
      element.hidden = !sentence;
    },
  };
}
