// Numbers and words as people read them.
const whole = new Intl.NumberFormat('en');
const six = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

export const count = value => value === undefined || value === null ? '–' : whole.format(value);
export const percent = (fraction, digits = 1) => fraction === undefined || fraction === null ? '–' : `${(100 * fraction).toFixed(digits)} %`;
// On the validation classes, or before their first measurement of training episodes.
export const accuracy = run => `${percent(run.validation_accuracy ?? run.query_accuracy)}${(run.validation_accuracy ?? null) !== null ? ' validation' : (run.query_accuracy ?? null) !== null ? ' training' : ''}`;
export const decimal = (value, digits = 3) => value === undefined || value === null ? '–' : value.toFixed(digits);
export const figure = value => six.format(value);
export const rate = value => !value ? '–' : value >= 100 ? whole.format(Math.round(value)) : value.toFixed(1);
export const milliseconds = value => value < 10 ? `${value.toFixed(1)} ms` : `${whole.format(Math.round(value))} ms`;
export const plural = (number, one, many = `${one}s`) => `${whole.format(number)} ${number === 1 ? one : many}`;
