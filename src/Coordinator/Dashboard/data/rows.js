// Rows of a table as people paste them: fields between commas, semicolons or tabs, in quotes where they hold one; a first line may name the columns.
export class RowsError extends Error {}

// columns: the names where no line names them; optional: the last ones may be left out. Returns [{ column: field }].
export function rowsOf(text, columns, optional = 0) {
  const [first, ...others] = linesOf(text);
  if (!first) {
    return [];
  }

  const isNamed = first.some(field => columns.includes(field));
  const names = isNamed ? first : columns.slice(0, first.length);
  if (!isNamed && (first.length > columns.length || first.length < columns.length - optional)) {
    throw new RowsError(`The first line has ${first.length} fields, but ${columns.join(', ')} are ${columns.length}: name the columns in a first line.`);
  }

  return (isNamed ? others : [first, ...others]).map((fields, i) => {
    if (fields.length !== names.length) {
      throw new RowsError(`Row ${i + 1} has ${fields.length} fields, expected ${names.length}: ${names.join(', ')}.`);
    }

    return Object.fromEntries(fields.map((field, j) => [names[j], field]));
  });
}

function linesOf(text) {
  const separator = ['\t', ';', ','].find(one => text.split('\n', 1)[0].includes(one)) ?? ',';
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, 'g');
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(field)) {
    lines.at(-1).push(quoted?.replaceAll('""', '"') ?? plain.trim());
    if (end === '') {
      break;
    }

    end === separator || lines.push([]);
  }

  return lines.filter(line => line.some(one => one !== ''));
}
