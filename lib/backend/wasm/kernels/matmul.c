// The product of two matrices whose rows and columns may lie at any strides (Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, 2008). Blocks of both are packed, so that the innermost loop reads in order: A in bands of 4 rows, B in bands of 8
// columns (4 for f64). There a tile of 4 rows × 2 vectors of the result stays in eight registers; wider tiles spill in V8.

#include "vector.h"

enum { ROWS = 4, DEPTH = 400, HEIGHT = 128, WIDTH = 2048 };

/** Lays lines of `depth` numbers (`line` apart, each number `along` from the last) out in bands of `band` lines, zeros where lines lack. */
#define PACK(T, suffix)                                                                                                 \
  INLINE void rest_##suffix(const T *x, T *to, int lines, int depth, int band, int line, int along) {                   \
    for (int l = 0; l < depth; l++)                                                                                     \
      for (int k = 0; k < band; k++) *to++ = k < lines ? x[k * line + l * along] : 0;                                   \
  }
PACK(float, f32)
PACK(double, f64)

/** Four lines, packed at every `band` places of `to`. */
INLINE void four_f32(const float *x, float *to, int depth, int band, int line, int along) {
  int l = 0;
  if (along == 1) {
    for (; l + 4 <= depth; l += 4, to += 4 * band) {
      const f4 a = load_f32(x + l), b = load_f32(x + line + l), c = load_f32(x + 2 * line + l), d = load_f32(x + 3 * line + l);
      const f4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const f4 ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      store_f32(to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
      store_f32(to + band, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
      store_f32(to + 2 * band, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
      store_f32(to + 3 * band, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
    }
  } else if (line == 1) {
    for (; l < depth; l++, to += band) store_f32(to, load_f32(x + l * along));
  }
  for (; l < depth; l++, to += band)
    for (int k = 0; k < 4; k++) to[k] = x[k * line + l * along];
}
INLINE void four_f64(const double *x, double *to, int depth, int band, int line, int along) {
  for (int l = 0; l < depth; l++, to += band)
    for (int k = 0; k < 4; k++) to[k] = x[k * line + l * along];
}

#define STEP(V, W, type)                                                                                                \
  {                                                                                                                     \
    const V b0 = load_##type(b), b1 = load_##type(b + W);                                                               \
    V x = splat_##type(a[0]);                                                                                           \
    c00 += x * b0;                                                                                                      \
    c01 += x * b1;                                                                                                      \
    x = splat_##type(a[1]);                                                                                             \
    c10 += x * b0;                                                                                                      \
    c11 += x * b1;                                                                                                      \
    x = splat_##type(a[2]);                                                                                             \
    c20 += x * b0;                                                                                                      \
    c21 += x * b1;                                                                                                      \
    x = splat_##type(a[3]);                                                                                             \
    c30 += x * b0;                                                                                                      \
    c31 += x * b1;                                                                                                      \
  }

#define GEMM(T, V, W, type)                                                                                             \
  static __attribute__((noinline)) void pack_##type(const T *x, T *to, int count, int depth, int band, int line, int along) { \
    for (; count >= band; count -= band, x += band * line, to += band * depth)                                          \
      for (int k = 0; k < band; k += 4) four_##type(x + k * line, to + k, depth, band, line, along);                    \
    if (count > 0) rest_##type(x, to, count, depth, band, line, along);                                                 \
  }                                                                                                                     \
  /* A whole tile; it begins with what is in `from`, rows `step` apart. */                                              \
  static __attribute__((noinline)) void tile_##type(const T *a, const T *b, int depth, const T *from, int step, T *c, int row) { \
    V c00 = load_##type(from), c01 = load_##type(from + W);                                                             \
    V c10 = load_##type(from + step), c11 = load_##type(from + step + W);                                               \
    V c20 = load_##type(from + 2 * step), c21 = load_##type(from + 2 * step + W);                                       \
    V c30 = load_##type(from + 3 * step), c31 = load_##type(from + 3 * step + W);                                       \
    /* One step a round: unrolled it is slower, since V8 then runs out of registers. */                                 \
    do {                                                                                                                \
      STEP(V, W, type)                                                                                                  \
      a += ROWS;                                                                                                        \
      b += 2 * W;                                                                                                       \
    } while (--depth > 0);                                                                                              \
    store_##type(c, c00);                                                                                               \
    store_##type(c + W, c01);                                                                                           \
    store_##type(c + row, c10);                                                                                         \
    store_##type(c + row + W, c11);                                                                                     \
    store_##type(c + 2 * row, c20);                                                                                     \
    store_##type(c + 2 * row + W, c21);                                                                                 \
    store_##type(c + 3 * row, c30);                                                                                     \
    store_##type(c + 3 * row + W, c31);                                                                                 \
  }                                                                                                                     \
  /* C = A B + bias (null for none): m × k, k × n; `work` has room for a block of A and one of B. */                    \
  EXPORT(matmul_##type)(const T *a, int row_a, int col_a, const T *b, int row_b, int col_b, T *c, int m, int k, int n,  \
                        const T *bias, int step_bias, T *work) {                                                        \
    T *packed_a = work, *packed_b = work + HEIGHT * DEPTH;                                                              \
    /* Blocks of equal depth, so that none is too shallow to pay for reading and writing C. */                          \
    const int blocks = (k + DEPTH - 1) / DEPTH, deep = blocks == 0 ? 1 : (k + blocks - 1) / blocks;                     \
    for (int j0 = 0; j0 < n; j0 += WIDTH) {                                                                             \
      const int width = n - j0 < WIDTH ? n - j0 : WIDTH;                                                                \
      for (int l0 = 0; l0 < k; l0 += deep) {                                                                            \
        const int depth = k - l0 < deep ? k - l0 : deep;                                                                \
        pack_##type(b + l0 * row_b + j0 * col_b, packed_b, width, depth, 2 * W, col_b, row_b);                          \
        for (int i0 = 0; i0 < m; i0 += HEIGHT) {                                                                        \
          const int height = m - i0 < HEIGHT ? m - i0 : HEIGHT;                                                         \
          pack_##type(a + i0 * row_a + l0 * col_a, packed_a, height, depth, ROWS, row_a, col_a);                        \
          for (int j = 0; j < width; j += 2 * W) {                                                                      \
            const int columns = width - j < 2 * W ? width - j : 2 * W;                                                  \
            T start[2 * W];                                                                                             \
            for (int t = 0; t < 2 * W; t++)                                                                             \
              start[t] = bias != 0 && t < columns ? bias[(j0 + j + t) * step_bias] : 0;                                 \
            for (int i = 0; i < height; i += ROWS) {                                                                    \
              const int rows = height - i < ROWS ? height - i : ROWS;                                                   \
              T *out = c + (i0 + i) * n + j0 + j;                                                                       \
              const T *band_a = packed_a + i * depth, *band_b = packed_b + j * depth;                                   \
              if (rows == ROWS && columns == 2 * W) {                                                                   \
                if (l0 == 0) tile_##type(band_a, band_b, depth, start, 0, out, n);                                      \
                else tile_##type(band_a, band_b, depth, out, n, out, n);                                                \
                continue;                                                                                               \
              }                                                                                                         \
              /* At an edge: in a tile of its own, from which the part that there is is taken. */                       \
              T edge[ROWS * 2 * W];                                                                                     \
              for (int r = 0; r < ROWS; r++)                                                                            \
                for (int t = 0; t < 2 * W; t++)                                                                         \
                  edge[r * 2 * W + t] = l0 == 0 ? start[t] : r < rows && t < columns ? out[r * n + t] : 0;              \
              tile_##type(band_a, band_b, depth, edge, 2 * W, edge, 2 * W);                                             \
              for (int r = 0; r < rows; r++)                                                                            \
                for (int t = 0; t < columns; t++) out[r * n + t] = edge[r * 2 * W + t];                                 \
            }                                                                                                           \
          }                                                                                                             \
        }                                                                                                               \
      }                                                                                                                 \
    }                                                                                                                   \
  }
GEMM(float, f4, 4, f32)
GEMM(double, d2, 2, f64)
