// Reductions of a dense array seen as outer × size × inner over its middle, and the softmax family over rows. Sums are kept in f64, as
// in the reference, and rounded once.

#include "vector.h"

INLINE d2 low_of(f4 v) { return (d2)wasm_f64x2_promote_low_f32x4((v128_t)v); }
INLINE d2 high_of(f4 v) { return low_of(__builtin_shufflevector(v, v, 2, 3, 2, 3)); }

INLINE double run_f32(const float *x, int n) {
  d2 a = {0, 0}, b = {0, 0}, c = {0, 0}, d = {0, 0};
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    const f4 v = load_f32(x + i), w = load_f32(x + i + 4);
    a += low_of(v);
    b += high_of(v);
    c += low_of(w);
    d += high_of(w);
  }
  const d2 s = (a + b) + (c + d);
  double sum = s[0] + s[1];
  for (; i < n; i++) sum += x[i];
  return sum;
}
INLINE double run_f64(const double *x, int n) {
  d2 a = {0, 0}, b = {0, 0};
  int i = 0;
  for (; i + 4 <= n; i += 4) {
    a += load_f64(x + i);
    b += load_f64(x + i + 2);
  }
  const d2 s = a + b;
  double sum = s[0] + s[1];
  for (; i < n; i++) sum += x[i];
  return sum;
}

/** Σ / divisor */
EXPORT(sum_f32)(const float *x, float *y, int outer, int size, int inner, double divisor) {
  if (inner == 1) {
    for (int o = 0; o < outer; o++, x += size) y[o] = (float)(run_f32(x, size) / divisor);
    return;
  }
  for (int o = 0; o < outer; o++, x += (long)size * inner, y += inner) {
    int j = 0;
    for (; j + 16 <= inner; j += 16) {
      d2 s0 = {0, 0}, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
      const float *p = x + j;
      for (int i = 0; i < size; i++, p += inner) {
        const f4 a = load_f32(p), b = load_f32(p + 4), c = load_f32(p + 8), d = load_f32(p + 12);
        s0 += low_of(a);
        s1 += high_of(a);
        s2 += low_of(b);
        s3 += high_of(b);
        s4 += low_of(c);
        s5 += high_of(c);
        s6 += low_of(d);
        s7 += high_of(d);
      }
      const d2 sums[8] = {s0, s1, s2, s3, s4, s5, s6, s7};
      for (int k = 0; k < 8; k++) {
        y[j + 2 * k] = (float)(sums[k][0] / divisor);
        y[j + 2 * k + 1] = (float)(sums[k][1] / divisor);
      }
    }
    for (; j < inner; j++) {
      double s = 0;
      for (int i = 0; i < size; i++) s += x[(long)i * inner + j];
      y[j] = (float)(s / divisor);
    }
  }
}
EXPORT(sum_f64)(const double *x, double *y, int outer, int size, int inner, double divisor) {
  for (int o = 0; o < outer; o++, x += (long)size * inner, y += inner) {
    if (inner == 1) {
      *y = run_f64(x, size) / divisor;
      continue;
    }
    for (int j = 0; j < inner; j++) y[j] = 0;
    for (int i = 0; i < size; i++)
      for (int j = 0; j < inner; j++) y[j] += x[(long)i * inner + j];
    for (int j = 0; j < inner; j++) y[j] /= divisor;
  }
}

#define EXTREME(name, T, V, W, type, op, better)                                                                        \
  EXPORT(name##_##type)(const T *x, T *y, int outer, int size, int inner) {                                             \
    for (int o = 0; o < outer; o++, x += (long)size * inner, y += inner) {                                              \
      int j = 0;                                                                                                        \
      for (; inner > 1 && j + W <= inner; j += W) {                                                                     \
        V v = load_##type(x + j);                                                                                       \
        for (int i = 1; i < size; i++) v = (V)op((v128_t)v, (v128_t)load_##type(x + (long)i * inner + j));              \
        store_##type(y + j, v);                                                                                         \
      }                                                                                                                 \
      for (; j < inner; j++) {                                                                                          \
        const T *p = x + j;                                                                                             \
        T found = *p;                                                                                                   \
        int i = 1;                                                                                                      \
        if (inner == 1 && size >= 2 * W) {                                                                              \
          V v = load_##type(p);                                                                                         \
          for (i = W; i + W <= size; i += W) v = (V)op((v128_t)v, (v128_t)load_##type(p + i));                          \
          found = v[0];                                                                                                 \
          for (int k = 1; k < W; k++)                                                                                   \
            if (v[k] better found || v[k] != v[k]) found = v[k];                                                        \
        }                                                                                                               \
        for (; i < size && found == found; i++) {                                                                       \
          const T next = p[(long)i * inner];                                                                            \
          if (next better found || next != next) found = next;                                                          \
        }                                                                                                               \
        y[j] = found;                                                                                                   \
      }                                                                                                                 \
    }                                                                                                                   \
  }                                                                                                                     \
  EXPORT(arg##name##_##type)(const T *x, int *y, int outer, int size, int inner) {                                      \
    for (int o = 0; o < outer; o++, x += (long)size * inner, y += inner)                                                \
      for (int j = 0; j < inner; j++) {                                                                                 \
        T found = x[j];                                                                                                 \
        int place = 0;                                                                                                  \
        for (int i = 1; i < size && found == found; i++) {                                                              \
          const T next = x[(long)i * inner + j];                                                                        \
          if (next better found || next != next) found = next, place = i;                                               \
        }                                                                                                               \
        y[j] = place;                                                                                                   \
      }                                                                                                                 \
  }
EXTREME(max, float, f4, 4, f32, wasm_f32x4_max, >)
EXTREME(min, float, f4, 4, f32, wasm_f32x4_min, <)
EXTREME(max, double, d2, 2, f64, wasm_f64x2_max, >)
EXTREME(min, double, d2, 2, f64, wasm_f64x2_min, <)

EXPORT(norm_f32)(const float *x, float *y, int outer, int size, int inner) {
  for (int o = 0; o < outer; o++, x += (long)size * inner, y += inner)
    for (int j = 0; j < inner; j++) {
      double a = 0, b = 0;
      int i = 0;
      for (; i + 2 <= size; i += 2) {
        const double u = x[(long)i * inner + j], v = x[(long)(i + 1) * inner + j];
        a += u * u;
        b += v * v;
      }
      for (; i < size; i++) a += (double)x[(long)i * inner + j] * x[(long)i * inner + j];
      y[j] = (float)__builtin_sqrt(a + b);
    }
}

/** The largest number of a row; NaN if there is any. */
INLINE float largest_of(const float *x, int n) {
  f4 v = splat_f32(-__builtin_inff());
  int i = 0;
  for (; i + 4 <= n; i += 4) v = (f4)wasm_f32x4_max((v128_t)v, (v128_t)load_f32(x + i));
  if (i < n) v = (f4)wasm_f32x4_max((v128_t)v, (v128_t)first_f32(x + i, n - i, v));
  float found = v[0];
  for (int k = 1; k < 4; k++)
    if (v[k] > found || v[k] != v[k]) found = v[k];
  return found;
}

/** Σ exp(x - shift); the terms go to `y`. */
INLINE double exponentials(const float *x, float *y, int n, float shift) {
  const f4 m = splat_f32(shift);
  d2 a = {0, 0}, b = {0, 0};
  int i = 0;
  for (; i + 4 <= n; i += 4) {
    const f4 e = exponential(load_f32(x + i) - m);
    store_f32(y + i, e);
    a += low_of(e);
    b += high_of(e);
  }
  if (i < n) {
    const f4 e = exponential(first_f32(x + i, n - i, splat_f32(-__builtin_inff())) - m);
    put_f32(y + i, e, n - i);
    a += low_of(e);
    b += high_of(e);
  }
  const d2 s = a + b;
  return s[0] + s[1];
}

/** log x of a normal f64 x > 0: x = 2ⁿ m, and log m by the series of 2 artanh((m - 1) / (m + 1)). */
INLINE double log_of_sum(double x) {
  union {
    double d;
    unsigned long long u;
  } bits = {.d = x};
  const int n = (int)(bits.u >> 52) - 1023;
  bits.u = (bits.u & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  double m = bits.d, shift = n;
  if (m > 1.4142135623730951) m *= 0.5, shift += 1;
  const double s = (m - 1) / (m + 1), z = s * s;
  double p = 1.0 / 19;
  for (int k = 17; k > 0; k -= 2) p = p * z + 1.0 / k;
  return 2 * s * p + shift * 0.6931471805599453;
}

#define SPECIAL(largest) (!((largest) - (largest) == 0))

EXPORT(softmax_f32)(const float *x, float *y, int rows, int n) {
  for (int r = 0; r < rows; r++, x += n, y += n) {
    const float largest = largest_of(x, n);
    if (SPECIAL(largest)) {
      // Nothing but NaN beside infinities that are the largest.
      for (int i = 0; i < n; i++) y[i] = x[i] - largest < 0 ? 0 : __builtin_nanf("");
      continue;
    }
    const float scale = (float)(1 / exponentials(x, y, n, largest));
    for (int i = 0; i < n; i++) y[i] *= scale;
  }
}
EXPORT(logSoftmax_f32)(const float *x, float *y, int rows, int n) {
  for (int r = 0; r < rows; r++, x += n, y += n) {
    const float largest = largest_of(x, n);
    if (SPECIAL(largest)) {
      for (int i = 0; i < n; i++) y[i] = x[i] - largest;
      continue;
    }
    const double total = largest + log_of_sum(exponentials(x, y, n, largest));
    for (int i = 0; i < n; i++) y[i] = (float)(x[i] - total);
  }
}
/** `scratch` has room for a row. */
EXPORT(logsumexp_f32)(const float *x, float *y, int rows, int n, float *scratch) {
  for (int r = 0; r < rows; r++, x += n) {
    const float largest = largest_of(x, n);
    y[r] = SPECIAL(largest) ? largest : (float)(largest + log_of_sum(exponentials(x, scratch, n, largest)));
  }
}
