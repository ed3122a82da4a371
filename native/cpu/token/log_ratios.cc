#include "cpu/token/log_ratios.h"

#include "math/schedules.h"

#define BELFRY_TARGET_FILE "cpu/token/log_ratios-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void block_ratios(const T* log_ratio, int count, double clamp, double* ratio) {
  BELFRY_DISPATCH(ratios_of_block<T>)(log_ratio, count, clamp, ratio);
}
template <class T>
void block_scores(const T* log_ratio, int count, double clamp, int estimator, double* score) {
  BELFRY_DISPATCH(scores_of_block<T>)(log_ratio, count, clamp, estimator, score);
}

template void block_ratios(const float*, int, double, double*);
template void block_ratios(const double*, int, double, double*);
template void block_scores(const float*, int, double, int, double*);
template void block_scores(const double*, int, double, int, double*);

}  // namespace belfry::cpu
