// What all kernels share: vectors of four f32 or two f64, their first and last elements where an array does not fill a vector, and the
// arguments that functions of several operands take. No kernel allocates, keeps anything between calls or has data of its own: pointers
// in, numbers out.

#pragma once
#include <wasm_simd128.h>

// Names of kernels end in the name of a type, which must stay as it is.
#undef bool

#define EXPORT(name) __attribute__((export_name(#name), visibility("default"))) void name
#define INLINE static inline __attribute__((always_inline))

typedef float f4 __attribute__((vector_size(16)));
typedef double d2 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));
typedef unsigned char u8;

INLINE f4 load_f32(const float *p) { return (f4)wasm_v128_load(p); }
INLINE d2 load_f64(const double *p) { return (d2)wasm_v128_load(p); }
INLINE void store_f32(float *p, f4 v) { wasm_v128_store(p, (v128_t)v); }
INLINE void store_f64(double *p, d2 v) { wasm_v128_store(p, (v128_t)v); }
INLINE f4 splat_f32(float x) { return (f4){x, x, x, x}; }
INLINE d2 splat_f64(double x) { return (d2){x, x}; }

/** The first `n` < 4 elements; the others are those of `rest`. */
INLINE f4 first_f32(const float *p, int n, f4 rest) {
  rest[0] = p[0];
  if (n > 1) rest[1] = p[1];
  if (n > 2) rest[2] = p[2];
  return rest;
}
INLINE d2 first_f64(const double *p, int n, d2 rest) {
  rest[0] = p[0];
  return rest;
}
INLINE void put_f32(float *p, f4 v, int n) {
  p[0] = v[0];
  if (n > 1) p[1] = v[1];
  if (n > 2) p[2] = v[2];
}
INLINE void put_f64(double *p, d2 v, int n) { p[0] = v[0]; }

INLINE f4 select_f32(i4 mask, f4 a, f4 b) { return (f4)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask); }

/** eˣ within 2 ulp (coefficients: Cephes, expf.c): x = n ln 2 + r, and a polynomial for eʳ. */
INLINE f4 exponential(f4 x) {
  x = (f4)wasm_f32x4_pmin((v128_t)x, (v128_t)splat_f32(89.0f));
  x = (f4)wasm_f32x4_pmax((v128_t)x, (v128_t)splat_f32(-104.0f));
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
  const f4 magic = splat_f32(12582912.0f);
  f4 t = x * 1.44269504088896341f + magic;
  f4 n = t - magic;
  i4 k = (i4)t - (i4)magic;
  f4 r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  f4 p = splat_f32(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  f4 y = p * (r * r) + r + 1.0f;
  // 2ⁿ in two factors, for it may be too large or too small for one.
  i4 half = k >> 1;
  f4 low = (f4)((half + 127) << 23);
  f4 high = (f4)((k - half + 127) << 23);
  return y * low * high;
}

/** log x within 2 ulp (coefficients: Cephes, logf.c): x = 2ⁿ m with m near 1. */
INLINE f4 logarithm(f4 x) {
  i4 tiny = x < splat_f32(1.17549435e-38f);
  f4 scaled = select_f32(tiny, x * 8388608.0f, x);
  i4 bits = (i4)scaled;
  i4 k = ((bits >> 23) & 255) - 126;
  k = k - (tiny & 23);
  f4 m = (f4)((bits & 0x007fffff) | 0x3f000000);
  i4 below = m < splat_f32(0.707106781186547524f);
  k = k + below;
  m = m + (f4)((i4)m & below) - 1.0f;
  f4 n = __builtin_convertvector(k, f4);
  f4 z = m * m;
  f4 p = splat_f32(7.0376836292e-2f);
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  f4 y = p * m * z;
  y = y + n * -2.12194440e-4f;
  y = y - 0.5f * z;
  f4 out = m + y + n * 0.693359375f;
  const f4 infinity = splat_f32(__builtin_inff());
  out = select_f32(x == infinity, infinity, out);
  out = select_f32(x == splat_f32(0.0f), -infinity, out);
  return select_f32((x < splat_f32(0.0f)) | (x != x), splat_f32(__builtin_nanf("")), out);
}
