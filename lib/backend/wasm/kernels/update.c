// Steps of optimizers: one pass over a parameter, its gradient and what is remembered of earlier ones.

#include "vector.h"

/** w ← w - lr · d with d = g + decay · w; with a velocity v (not null), v ← momentum · v + part · d comes in the place of d. */
EXPORT(sgd_f32)(float *w, const float *g, float *v, int n, double lr, double decay, double momentum, double part, int nesterov) {
  const float rate = (float)lr, wd = (float)decay, mu = (float)momentum, q = (float)part;
  if (v == 0) {
    for (int i = 0; i < n; i++) w[i] -= rate * (g[i] + wd * w[i]);
    return;
  }
  if (nesterov)
    for (int i = 0; i < n; i++) {
      const float d = g[i] + wd * w[i], u = mu * v[i] + q * d;
      v[i] = u;
      w[i] -= rate * (d + mu * u);
    }
  else
    for (int i = 0; i < n; i++) {
      const float u = mu * v[i] + q * (g[i] + wd * w[i]);
      v[i] = u;
      w[i] -= rate * u;
    }
}

/**
 * m ← m + (1 - b1)(d - m), s ← b2 s + (1 - b2) d², w ← keep · w - size · m / (√s / root + eps), with d = g + decay · w; where `largest`
 * is given, the largest s so far stands for s.
 */
EXPORT(adam_f32)(float *w, const float *g, float *m, float *s, float *largest, int n, double b1, double b2, double size, double root,
                 double eps, double keep, double decay) {
  const f4 one_b1 = splat_f32((float)(1 - b1)), beta2 = splat_f32((float)b2), one_b2 = splat_f32((float)(1 - b2));
  const f4 step = splat_f32((float)size), over = splat_f32((float)(1 / root)), tiny = splat_f32((float)eps);
  const f4 kept = splat_f32((float)keep), wd = splat_f32((float)decay);
  for (int i = 0; i < n; i += 4) {
    const int k = n - i;
    const int part = k < 4;
    const f4 zero = splat_f32(0);
    const f4 x = part ? first_f32(w + i, k, zero) : load_f32(w + i);
    const f4 d = (part ? first_f32(g + i, k, zero) : load_f32(g + i)) + wd * x;
    const f4 before = part ? first_f32(m + i, k, zero) : load_f32(m + i);
    const f4 mean = before + one_b1 * (d - before);
    const f4 squares = beta2 * (part ? first_f32(s + i, k, zero) : load_f32(s + i)) + one_b2 * d * d;
    f4 bound = squares;
    if (largest != 0) {
      const f4 past = part ? first_f32(largest + i, k, zero) : load_f32(largest + i);
      bound = (f4)wasm_f32x4_max((v128_t)past, (v128_t)squares);
    }
    const f4 y = kept * x - step * mean / ((f4)wasm_f32x4_sqrt((v128_t)bound) * over + tiny);
    if (part) {
      put_f32(m + i, mean, k);
      put_f32(s + i, squares, k);
      if (largest != 0) put_f32(largest + i, bound, k);
      put_f32(w + i, y, k);
    } else {
      store_f32(m + i, mean);
      store_f32(s + i, squares);
      if (largest != 0) store_f32(largest + i, bound);
      store_f32(w + i, y);
    }
  }
}
