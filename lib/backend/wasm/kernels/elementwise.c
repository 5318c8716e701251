// Functions of the elements at one place: of one array, or of two or three that broadcast. An operand of several is read by rows: `row`
// elements from the start of one row to the next, and `col`, 0 or 1, from one element to the next.

#include "vector.h"

#define UNARY(name, T, V, W, type, value)                                                                               \
  INLINE V name##_of(V x) { return value; }                                                                             \
  EXPORT(name)(const T *x, T *y, int n) {                                                                               \
    int i = 0;                                                                                                          \
    for (; i + W <= n; i += W) store_##type(y + i, name##_of(load_##type(x + i)));                                      \
    if (i < n) put_##type(y + i, name##_of(first_##type(x + i, n - i, splat_##type(1))), n - i);                        \
  }
#define UNARY_F32(name, value) UNARY(name##_f32, float, f4, 4, f32, value)
#define UNARY_BOTH(name, single, pair)                                                                                  \
  UNARY(name##_f32, float, f4, 4, f32, single)                                                                          \
  UNARY(name##_f64, double, d2, 2, f64, pair)
#define INSTRUCTION(name, op) UNARY_BOTH(name, (f4)wasm_f32x4_##op((v128_t)x), (d2)wasm_f64x2_##op((v128_t)x))

UNARY_BOTH(neg, -x, -x)
UNARY_BOTH(square, x *x, x *x)
UNARY_BOTH(cube, x *x *x, x *x *x)
UNARY_BOTH(reciprocal, 1.0f / x, 1.0 / x)
INSTRUCTION(abs, abs)
INSTRUCTION(sqrt, sqrt)
INSTRUCTION(floor, floor)
INSTRUCTION(ceil, ceil)
INSTRUCTION(round, nearest)
INSTRUCTION(trunc, trunc)
UNARY_BOTH(rsqrt, 1.0f / (f4)wasm_f32x4_sqrt((v128_t)x), 1.0 / (d2)wasm_f64x2_sqrt((v128_t)x))
// a < b ? b : a: NaN stays.
UNARY_BOTH(relu, (f4)wasm_f32x4_pmax((v128_t)x, (v128_t)splat_f32(0)), (d2)wasm_f64x2_pmax((v128_t)x, (v128_t)splat_f64(0)))

INLINE f4 magnitude(f4 x) { return (f4)wasm_f32x4_abs((v128_t)x); }
INLINE f4 with_sign(f4 x, f4 sign) {
  return (f4)wasm_v128_bitselect((v128_t)sign, (v128_t)x, wasm_i32x4_splat((int)0x80000000));
}

INLINE f4 logistic(f4 x) {
  f4 e = exponential(-magnitude(x));
  f4 numerator = select_f32(x < splat_f32(0), e, splat_f32(1));
  return numerator / (1.0f + e);
}

/** tanh within 2 ulp (coefficients: Cephes, tanhf.c): odd powers near 0, by eˣ beyond. */
INLINE f4 hyperbolic_tangent(f4 x) {
  f4 a = magnitude(x);
  f4 z = x * x;
  f4 p = splat_f32(-5.70498872745e-3f);
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  f4 near = p * z * x + x;
  f4 far = with_sign(1.0f - 2.0f / (exponential(a + a) + 1.0f), x);
  return select_f32(a < splat_f32(0.625f), near, select_f32(x != x, x, far));
}

/** log(1 + u) for 0 ≤ u ≤ 1, to the last digits also where u is small (Higham, Accuracy and Stability, section 1.14.1). */
INLINE f4 log_of_one_and(f4 u) {
  f4 w = 1.0f + u;
  return select_f32(w == splat_f32(1), u, logarithm(w) * (u / (w - 1.0f)));
}

INLINE f4 soft_plus(f4 x) {
  f4 zero = splat_f32(0);
  f4 y = (f4)wasm_f32x4_pmax((v128_t)x, (v128_t)zero) + log_of_one_and(exponential(-magnitude(x)));
  return select_f32(x > splat_f32(20), x, y);
}

INLINE f4 sign_of(f4 x) { return select_f32((x == splat_f32(0)) | (x != x), x, with_sign(splat_f32(1), x)); }

INLINE f4 log_logistic(f4 x) {
  f4 low = (f4)wasm_f32x4_pmin((v128_t)x, (v128_t)splat_f32(0));
  return low - log_of_one_and(exponential(-magnitude(x)));
}

UNARY_F32(exp, exponential(x))
UNARY_F32(log, logarithm(x))
UNARY_F32(sigmoid, logistic(x))
UNARY_F32(tanh, hyperbolic_tangent(x))
UNARY_F32(softplus, soft_plus(x))
UNARY_F32(logSigmoid, log_logistic(x))
UNARY_F32(sign, sign_of(x))

EXPORT(affine_f32)(const float *x, float *y, int n, double scale, double shift) {
  const f4 s = splat_f32((float)scale), t = splat_f32((float)shift);
  int i = 0;
  for (; i + 4 <= n; i += 4) store_f32(y + i, load_f32(x + i) * s + t);
  for (; i < n; i++) y[i] = x[i] * (float)scale + (float)shift;
}
EXPORT(affine_f64)(const double *x, double *y, int n, double scale, double shift) {
  for (int i = 0; i < n; i++) y[i] = x[i] * scale + shift;
}
EXPORT(clamp_f32)(const float *x, float *y, int n, double min, double max) {
  const float low = (float)min, high = (float)max;
  for (int i = 0; i < n; i++) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}
EXPORT(clamp_f64)(const double *x, double *y, int n, double min, double max) {
  for (int i = 0; i < n; i++) y[i] = x[i] < min ? min : x[i] > max ? max : x[i];
}

// An operand that stays the same along a row is read again and again from a vector full of it.
#define OPERAND(T, V, W, type, a)                                                                                       \
  T same_##a[W];                                                                                                        \
  const T *p_##a = a + (long)r * row_##a;                                                                               \
  const int by_##a = col_##a == 0 ? 0 : W;                                                                              \
  if (by_##a == 0) {                                                                                                    \
    store_##type(same_##a, splat_##type(*p_##a));                                                                       \
    p_##a = same_##a;                                                                                                   \
  }
#define STRIDES(a) int row_##a, int col_##a

#define BINARY(name, T, V, W, type, value)                                                                              \
  INLINE V name##_of(V x, V y) { return value; }                                                                        \
  EXPORT(name)(const T *a, const T *b, T *out, int rows, int cols, STRIDES(a), STRIDES(b)) {                            \
    for (int r = 0; r < rows; r++, out += cols) {                                                                       \
      OPERAND(T, V, W, type, a)                                                                                         \
      OPERAND(T, V, W, type, b)                                                                                         \
      int i = 0;                                                                                                        \
      for (; i + W <= cols; i += W, p_a += by_a, p_b += by_b)                                                           \
        store_##type(out + i, name##_of(load_##type(p_a), load_##type(p_b)));                                           \
      if (i < cols) {                                                                                                   \
        const int n = cols - i;                                                                                         \
        const V one = splat_##type(1);                                                                                  \
        put_##type(out + i, name##_of(first_##type(p_a, n, one), first_##type(p_b, n, one)), n);                        \
      }                                                                                                                 \
    }                                                                                                                   \
  }
#define BINARY_BOTH(name, single, pair)                                                                                 \
  BINARY(name##_f32, float, f4, 4, f32, single)                                                                         \
  BINARY(name##_f64, double, d2, 2, f64, pair)

BINARY_BOTH(add, x + y, x + y)
BINARY_BOTH(sub, x - y, x - y)
BINARY_BOTH(mul, x *y, x *y)
BINARY_BOTH(div, x / y, x / y)
BINARY_BOTH(maximum, (f4)wasm_f32x4_max((v128_t)x, (v128_t)y), (d2)wasm_f64x2_max((v128_t)x, (v128_t)y))
BINARY_BOTH(minimum, (f4)wasm_f32x4_min((v128_t)x, (v128_t)y), (d2)wasm_f64x2_min((v128_t)x, (v128_t)y))
BINARY_BOTH(sigmoidTangent, x *y *(1.0f - y), x *y *(1.0 - y))
BINARY_BOTH(squareTangent, 2.0f * x * y, 2.0 * x * y)
BINARY_BOTH(tanhTangent, x *(1.0f - y * y), x *(1.0 - y * y))
BINARY_BOTH(reluTangent, (f4)((i4)x & (y > splat_f32(0))), (d2)wasm_v128_and((v128_t)x, wasm_f64x2_gt((v128_t)y, (v128_t)splat_f64(0))))

#define COMPARISON(name, T, suffix, holds)                                                                              \
  EXPORT(name##_##suffix)(const T *a, const T *b, u8 *out, int rows, int cols, STRIDES(a), STRIDES(b)) {                \
    for (int r = 0; r < rows; r++, out += cols) {                                                                       \
      const T *p = a + (long)r * row_a, *q = b + (long)r * row_b;                                                       \
      if (col_a == 1 && col_b == 1)                                                                                     \
        for (int i = 0; i < cols; i++) {                                                                                \
          const T x = p[i], y = q[i];                                                                                   \
          out[i] = holds;                                                                                               \
        }                                                                                                               \
      else if (col_a == 1) {                                                                                            \
        const T y = *q;                                                                                                 \
        for (int i = 0; i < cols; i++) {                                                                                \
          const T x = p[i];                                                                                             \
          out[i] = holds;                                                                                               \
        }                                                                                                               \
      } else                                                                                                            \
        for (int i = 0; i < cols; i++) {                                                                                \
          const T x = *p, y = q[i * col_b];                                                                             \
          out[i] = holds;                                                                                               \
        }                                                                                                               \
    }                                                                                                                   \
  }
#define COMPARISONS(T, suffix)                                                                                          \
  COMPARISON(eq, T, suffix, x == y)                                                                                     \
  COMPARISON(ne, T, suffix, x != y)                                                                                     \
  COMPARISON(lt, T, suffix, x < y)                                                                                      \
  COMPARISON(le, T, suffix, x <= y)                                                                                     \
  COMPARISON(gt, T, suffix, x > y)                                                                                      \
  COMPARISON(ge, T, suffix, x >= y)                                                                                     \
  COMPARISON(logicalAnd, T, suffix, (x != 0) & (y != 0))                                                                \
  COMPARISON(logicalOr, T, suffix, (x != 0) | (y != 0))
COMPARISONS(float, f32)
COMPARISONS(double, f64)
COMPARISONS(int, i32)
COMPARISONS(u8, bool)

#define LOGICAL_NOT(T, suffix)                                                                                          \
  EXPORT(logicalNot_##suffix)(const T *x, u8 *y, int n) {                                                               \
    for (int i = 0; i < n; i++) y[i] = x[i] == 0;                                                                       \
  }
LOGICAL_NOT(float, f32)
LOGICAL_NOT(double, f64)
LOGICAL_NOT(int, i32)
LOGICAL_NOT(u8, bool)

#define WHERE(T, suffix)                                                                                                \
  EXPORT(where_##suffix)(const u8 *c, const T *a, const T *b, T *out, int rows, int cols, STRIDES(c), STRIDES(a), STRIDES(b)) { \
    for (int r = 0; r < rows; r++, out += cols) {                                                                       \
      const u8 *m = c + (long)r * row_c;                                                                                \
      const T *p = a + (long)r * row_a, *q = b + (long)r * row_b;                                                       \
      if (col_c == 1 && col_a == 1 && col_b == 1)                                                                       \
        for (int i = 0; i < cols; i++) out[i] = m[i] ? p[i] : q[i];                                                     \
      else if (col_c == 1 && col_a == 1) {                                                                              \
        const T y = *q;                                                                                                 \
        for (int i = 0; i < cols; i++) out[i] = m[i] ? p[i] : y;                                                        \
      } else                                                                                                            \
        for (int i = 0; i < cols; i++) out[i] = m[i * col_c] ? p[i * col_a] : q[i * col_b];                             \
    }                                                                                                                   \
  }
WHERE(float, f32)
WHERE(double, f64)
