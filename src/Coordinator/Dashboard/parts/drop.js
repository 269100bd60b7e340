// Files that are dragged onto an element.
export function takesFiles(element, take) {
  for (const event of ['dragenter', 'dragover']) {
    element.addEventListener(event, drag => { drag.preventDefault(); element.classList.add('over'); });
  }

  element.addEventListener('dragleave', () => element.classList.remove('over'));
  element.addEventListener('drop', drop => {
    drop.preventDefault();
    element.classList.remove('over');
    take(drop.dataTransfer.files);
  });
  return element;
}
