// Elements from one order into another: copies between strides, conversions, and reading and adding by index.

#include "vector.h"

/**
 * Copies a block of `rank` axes, or adds it to what is there: `plan` holds for each axis its size, its step in `x` and its step in `y`, outermost first. At least two
 * axes.
 */
#define COPY(T, name, set)                                                                                              \
  INLINE void plane_##name(const T *x, T *y, const int *plan) {                                                         \
    const int rows = plan[0], rx = plan[1], ry = plan[2], cols = plan[3], cx = plan[4], cy = plan[5];                   \
    if (cx == 1 && cy == 1) {                                                                                           \
      for (int r = 0; r < rows; r++, x += rx, y += ry)                                                                  \
        for (int c = 0; c < cols; c++) y[c] set x[c];                                                                   \
      return;                                                                                                           \
    }                                                                                                                   \
    /* Small squares, so that both sides stay in the cache when one is read across. */                                  \
    for (int r0 = 0; r0 < rows; r0 += 16)                                                                               \
      for (int c0 = 0; c0 < cols; c0 += 16) {                                                                           \
        const int r1 = r0 + 16 < rows ? r0 + 16 : rows, c1 = c0 + 16 < cols ? c0 + 16 : cols;                           \
        for (int r = r0; r < r1; r++)                                                                                   \
          for (int c = c0; c < c1; c++) y[r * ry + c * cy] set x[r * rx + c * cx];                                      \
      }                                                                                                                 \
  }                                                                                                                     \
  EXPORT(name)(const T *x, T *y, int rank, const int *plan, int *counter) {                                             \
    const int outer = rank - 2;                                                                                         \
    for (int k = 0; k < outer; k++) counter[k] = 0;                                                                     \
    for (;;) {                                                                                                          \
      plane_##name(x, y, plan + 3 * outer);                                                                             \
      int k = outer - 1;                                                                                                \
      for (; k >= 0; k--) {                                                                                             \
        const int *axis = plan + 3 * k;                                                                                 \
        x += axis[1];                                                                                                   \
        y += axis[2];                                                                                                   \
        if (++counter[k] < axis[0]) break;                                                                              \
        x -= axis[0] * axis[1];                                                                                         \
        y -= axis[0] * axis[2];                                                                                         \
        counter[k] = 0;                                                                                                 \
      }                                                                                                                 \
      if (k < 0) return;                                                                                                \
    }                                                                                                                   \
  }
COPY(u8, copy_1, =)
COPY(int, copy_4, =)
COPY(double, copy_8, =)
COPY(float, add_4, +=)
COPY(double, add_8, +=)

#define CAST(from, S, to, T, value)                                                                                     \
  EXPORT(cast_##from##_##to)(const S *x, T *y, int n) {                                                                 \
    for (int i = 0; i < n; i++) y[i] = value;                                                                           \
  }
CAST(f32, float, f64, double, (double)x[i])
CAST(f64, double, f32, float, (float)x[i])
CAST(i32, int, f32, float, (float)x[i])
CAST(i32, int, f64, double, (double)x[i])
CAST(bool, u8, f32, float, (float)x[i])
CAST(bool, u8, f64, double, (double)x[i])
CAST(bool, u8, i32, int, x[i])
CAST(f32, float, bool, u8, x[i] != 0)
CAST(f64, double, bool, u8, x[i] != 0)
CAST(i32, int, bool, u8, x[i] != 0)

/** y[o, i, j] = x[o, index[o, i, j], j]; x is outer × size × inner, y outer × count × inner. An index out of range finds `none`. */
#define GATHER(T, suffix, none)                                                                                         \
  EXPORT(gather_##suffix)(const T *x, const int *index, T *y, int outer, int size, int count, int inner) {              \
    for (int o = 0; o < outer; o++, x += (long)size * inner)                                                            \
      for (int i = 0; i < count; i++, index += inner, y += inner)                                                       \
        for (int j = 0; j < inner; j++) y[j] = (unsigned)index[j] < (unsigned)size ? x[(long)index[j] * inner + j] : none; \
  }
GATHER(u8, bool, 0)
GATHER(int, i32, 0)
GATHER(float, f32, __builtin_nanf(""))
GATHER(double, f64, __builtin_nan(""))

/** y[o, index[o, i, j], j] += x[o, i, j] */
#define SCATTER(T, suffix)                                                                                              \
  EXPORT(scatterAdd_##suffix)(const T *x, const int *index, T *y, int outer, int size, int count, int inner) {          \
    for (int o = 0; o < outer; o++, y += (long)size * inner)                                                            \
      for (int i = 0; i < count; i++, index += inner, x += inner)                                                       \
        for (int j = 0; j < inner; j++) if ((unsigned)index[j] < (unsigned)size) y[(long)index[j] * inner + j] += x[j]; \
  }
SCATTER(float, f32)
SCATTER(double, f64)
