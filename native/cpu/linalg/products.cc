#include "cpu/linalg/products.h"

#define BELFRY_TARGET_FILE "cpu/linalg/transpose-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/linalg/tile-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/linalg/dots-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void multiply(const Product<T>& p) {
  BELFRY_DISPATCH(product<T>)(p);
}

template <class T, class Stored>
void multiply_few(const Product<T, Stored>& p) {
  BELFRY_DISPATCH(product_few<T, Stored>)(p);
}

template <class T>
bool are_few(int64_t rows) {
  return 2 * rows <= BELFRY_DISPATCH(lanes<T>)();
}

template <class T>
void multiply_strided(const StridedProduct<T>& p) {
  BELFRY_DISPATCH(strided_product<T>)(p);
}

#define BELFRY_INSTANTIATE(T)                    \
  template void multiply(const Product<T>&);     \
  template void multiply_few(const Product<T>&); \
  template bool are_few<T>(int64_t);             \
  template void multiply_strided(const StridedProduct<T>&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE
template void multiply_few(const Product<float, Bf16>&);

}  // namespace belfry::cpu
