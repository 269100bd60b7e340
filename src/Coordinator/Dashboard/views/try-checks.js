// What is wrong with classes before they are sent; null when nothing is.
export function problemOf(classes) {
  const labels = classes.map(one => one.label);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  const bare = classes.find(one => one.examples.length === 0);
  return classes.length < 2 ? 'Give at least two classes.'
    : labels.includes('') ? 'A class has no name: give each one a name.'
    : twice !== undefined ? `Two classes are called ${twice}: give each one a name of its own.`
    : bare ? `${bare.label} has no examples: give each class at least one.`
    : null;
}
