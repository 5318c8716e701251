// Special functions that Math lacks, in f64, from series whose coefficients can be checked on paper: erf by its power series and
// continued fraction (DLMF 7.6.2, 7.9.1), log gamma and its derivatives by Stirling's series after shifting the argument up
// (DLMF 5.11, 5.15).

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** The error function. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a > 6) return Math.sign(x);
  if (a > 2.5) return Math.sign(x) * (1 - erfcTail(a));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
}

/** 1 - erf(x) for x > 2 or so, by a continued fraction evaluated from its far end. */
function erfcTail(x: number): number {
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

// B(2k) for k = 1, 2, …
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];
const LARGE = 12;

/** log |Γ(x)| */
export function lgamma(x: number): number {
  if (x === Infinity || x === -Infinity) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
  if (x === 1 || x === 2) return 0;
  let shift = 1;
  let z = x;
  for (; z < LARGE; z++) shift *= z;
  let series = 0;
  for (let k = BERNOULLI.length; k > 0; k--) {
    series = series / (z * z) + (BERNOULLI[k - 1] as number) / (2 * k * (2 * k - 1));
  }
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series / z - Math.log(shift);
}

/** The derivative of {@link lgamma}. */
export function digamma(x: number): number {
  if (x === 0) return -Infinity;
  if (x < 0 && Number.isInteger(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let sum = 0;
  let z = x;
  for (; z < LARGE; z++) sum -= 1 / z;
  let series = 0;
  for (let k = BERNOULLI.length; k > 0; k--) series = series / (z * z) + (BERNOULLI[k - 1] as number) / (2 * k);
  return sum + Math.log(z) - 0.5 / z - series / (z * z);
}

/** The `n`-th derivative of {@link digamma}, n > 0, by the Hurwitz zeta function (Euler-Maclaurin). */
export function polygamma(n: number, x: number): number {
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  const s = n + 1;
  let sum = 0;
  let z = x;
  for (; z < LARGE + n; z++) sum += z ** -s;
  sum += z ** (1 - s) / (s - 1) + 0.5 * z ** -s;
  let rising = s;
  let evenFactorial = 2;
  for (let k = 1; k <= BERNOULLI.length; k++) {
    sum += ((BERNOULLI[k - 1] as number) * rising * z ** (1 - s - 2 * k)) / evenFactorial;
    rising *= (s + 2 * k - 1) * (s + 2 * k);
    evenFactorial *= (2 * k + 1) * (2 * k + 2);
  }
  return (n % 2 === 0 ? -1 : 1) * factorial * sum;
}

/** To the nearest integer, halves to the even one, as IEEE 754 and PyTorch do. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5) return low;
  if (rest > 0.5) return low + 1;
  return low % 2 === 0 ? low : low + 1;
}
