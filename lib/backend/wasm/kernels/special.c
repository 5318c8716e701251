// Functions of f32 that are computed in f64, two numbers at a time, from series whose coefficients are plain fractions, and rounded once.
// What a series cannot do (arguments of sine beyond 10⁵, powers of what is not positive) is left to the caller: the result says so.

#include "vector.h"

typedef long long l2 __attribute__((vector_size(16)));

INLINE d2 choose(l2 mask, d2 a, d2 b) { return (d2)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask); }
INLINE d2 size_of(d2 x) { return (d2)wasm_f64x2_abs((v128_t)x); }

/** eˣ for |x| < 700: x = n ln 2 + r, and the Taylor series of eʳ. */
INLINE d2 exp_of(d2 x) {
  const d2 magic = splat_f64(6755399441055744.0);
  const d2 t = x * 1.4426950408889634 + magic;
  const d2 n = t - magic;
  const d2 r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10;
  d2 p = splat_f64(1.0 / 6227020800);
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * (d2)(((l2)t - (l2)magic + 1023) << 52);
}

/** log x for normal x > 0: x = 2ⁿ m, and log m = 2 artanh((m - 1) / (m + 1)). */
INLINE d2 log_of(d2 x) {
  l2 n = ((l2)x >> 52) - 1023;
  d2 m = (d2)(((l2)x & 0xfffffffffffffll) | 0x3ff0000000000000ll);
  const l2 large = m > splat_f64(1.4142135623730951);
  m = choose(large, m * 0.5, m);
  n = n - large;
  // A whole number below 2⁵² in the low bits of 2⁵² is that number added to it.
  const d2 count = (d2)((n + 4096) | 0x4330000000000000ll) - (4503599627370496.0 + 4096);
  const d2 s = (m - 1.0) / (m + 1.0), z = s * s;
  d2 p = splat_f64(1.0 / 19);
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  p = p * z + 1.0;
  return 2.0 * s * p + count * 0.6931471805599453;
}

/** The same with what a logarithm is at and below 0, and at infinity. */
INLINE d2 any_log(d2 x) {
  const d2 infinity = splat_f64(__builtin_inf());
  d2 y = choose(x == infinity, infinity, log_of(x));
  y = choose(x == splat_f64(0), -infinity, y);
  return choose((x < splat_f64(0)) | (x != x), splat_f64(__builtin_nan("")), y);
}

INLINE d2 log1p_of(d2 x) {
  const d2 near = x * (1.0 - x * (0.5 - x * (1.0 / 3)));
  return choose(size_of(x) < splat_f64(1e-4), near, any_log(1.0 + x));
}

INLINE d2 limited(d2 x, double limit) {
  x = (d2)wasm_f64x2_pmin((v128_t)x, (v128_t)splat_f64(limit));
  return (d2)wasm_f64x2_pmax((v128_t)x, (v128_t)splat_f64(-limit));
}

INLINE d2 expm1_of(d2 x) {
  const d2 near = x * (1.0 + x * (0.5 + x * (1.0 / 6)));
  return choose(size_of(x) < splat_f64(1e-3), near, exp_of(limited(x, 200)) - 1.0);
}

/** erf x = 2/√π e^(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!! (DLMF 7.6.2), and 1 less its asymptotic tail (DLMF 7.12.1) beyond 3. */
INLINE d2 erf_of(d2 given) {
  const d2 x = limited(given, 6);
  const d2 a = size_of(x), z = x * x;
  const d2 e = exp_of(-z);
  d2 sum = splat_f64(1);
  // Horner's scheme from the last term that counts at 3.
  for (int n = 44; n > 0; n--) sum = 1.0 + sum * z * (2.0 / (2 * n + 1));
  const d2 near = 1.1283791670955126 * e * x * sum;
  const d2 w = 1.0 / z;
  const d2 tail = 0.5641895835477563 * e / a * (1.0 - w * (0.5 - w * (0.75 - w * (1.875 - w * 6.5625))));
  const d2 far = (d2)wasm_v128_bitselect((v128_t)given, (v128_t)(1.0 - tail), wasm_i64x2_splat((long long)0x8000000000000000ull));
  return choose(a > splat_f64(3), far, choose(given != given, given, near));
}

/** The rest of x after quarter turns, and how many those were in the low bits, for |x| ≤ 10⁵. */
INLINE d2 quarter(d2 x, l2 *turns) {
  const d2 magic = splat_f64(6755399441055744.0);
  const d2 t = x * 0.6366197723675814 + magic;
  const d2 n = t - magic;
  *turns = (l2)t - (l2)magic;
  return ((x - n * 1.5707963267341256) - n * 6.077100506303966e-11) - n * 2.0222662487959506e-21;
}
INLINE d2 sin_of_rest(d2 r) {
  const d2 z = r * r;
  d2 p = splat_f64(-1.0 / 1307674368000.0);
  p = p * z + 1.0 / 6227020800;
  p = p * z - 1.0 / 39916800;
  p = p * z + 1.0 / 362880;
  p = p * z - 1.0 / 5040;
  p = p * z + 1.0 / 120;
  p = p * z - 1.0 / 6;
  return r + r * z * p;
}
INLINE d2 cos_of_rest(d2 r) {
  const d2 z = r * r;
  d2 p = splat_f64(1.0 / 20922789888000.0);
  p = p * z - 1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600;
  p = p * z - 1.0 / 3628800;
  p = p * z + 1.0 / 40320;
  p = p * z - 1.0 / 720;
  p = p * z + 1.0 / 24;
  p = p * z - 0.5;
  return 1.0 + z * p;
}
INLINE d2 turned(l2 turns, d2 even, d2 odd) {
  const d2 y = choose((turns & 1) != 0, odd, even);
  return (d2)((l2)y ^ ((turns & 2) << 62));
}
INLINE d2 sin_of(d2 x) {
  l2 turns;
  const d2 r = quarter(x, &turns);
  return turned(turns, sin_of_rest(r), cos_of_rest(r));
}
INLINE d2 cos_of(d2 x) {
  l2 turns;
  const d2 r = quarter(x, &turns);
  return turned(turns + 1, sin_of_rest(r), cos_of_rest(r));
}
INLINE d2 tan_of(d2 x) {
  l2 turns;
  const d2 r = quarter(x, &turns);
  const d2 s = sin_of_rest(r), c = cos_of_rest(r);
  return choose((turns & 1) != 0, -c / s, s / c);
}

#define APPLY(body)                                                                                                     \
  for (int i = 0; i < n; i += 4) {                                                                                      \
    const f4 v = n - i < 4 ? first_f32(x + i, n - i, splat_f32(1)) : load_f32(x + i);                                   \
    d2 t = (d2)wasm_f64x2_promote_low_f32x4((v128_t)v);                                                                 \
    const f4 low = (f4)wasm_f32x4_demote_f64x2_zero((v128_t)(body));                                                    \
    t = (d2)wasm_f64x2_promote_low_f32x4((v128_t)__builtin_shufflevector(v, v, 2, 3, 2, 3));                            \
    const f4 high = (f4)wasm_f32x4_demote_f64x2_zero((v128_t)(body));                                                   \
    const f4 y4 = __builtin_shufflevector(low, high, 0, 1, 4, 5);                                                       \
    if (n - i < 4) put_f32(y + i, y4, n - i);                                                                           \
    else store_f32(y + i, y4);                                                                                          \
  }
#define EVERYWHERE(name, body)                                                                                          \
  EXPORT(name)(const float *x, float *y, int n) { APPLY(body) }
/** 1 if there is an element for which `within` does not hold; then nothing is written. */
#define WITHIN(name, within, body, ...)                                                                                 \
  __attribute__((export_name(#name), visibility("default"))) int name(const float *x, float *y, int n, ##__VA_ARGS__) { \
    for (int i = 0; i < n; i++)                                                                                         \
      if (!(within)) return 1;                                                                                          \
    APPLY(body)                                                                                                         \
    return 0;                                                                                                           \
  }

EVERYWHERE(expm1_f32, expm1_of(t))
EVERYWHERE(log1p_f32, log1p_of(t))
EVERYWHERE(log2_f32, any_log(t) * 1.4426950408889634)
EVERYWHERE(log10_f32, any_log(t) * 0.4342944819032518)
EVERYWHERE(erf_f32, erf_of(t))
WITHIN(sin_f32, __builtin_fabsf(x[i]) <= 1e5f, sin_of(t))
WITHIN(cos_f32, __builtin_fabsf(x[i]) <= 1e5f, cos_of(t))
WITHIN(tan_f32, __builtin_fabsf(x[i]) <= 1e5f, tan_of(t))
WITHIN(powScalar_f32, x[i] >= 1e-30f && x[i] <= 1e30f, exp_of(limited(log_of(t) * exponent, 600)), double exponent)
