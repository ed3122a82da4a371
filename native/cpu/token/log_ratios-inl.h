// Body of log_ratios, once per instruction set. Numbers at masked places are treated and not used.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kWide = Vec<double>::kLanes;

// Clipped, and filled up to whole vectors; returns how many.
template <class T>
int clip_block(const T* log_ratio, int count, double clamp, double* out) {
  const int padded = (count + kWide - 1) / kWide * kWide;
  for (int i = 0; i < count; ++i) {
    out[i] = math::clip(static_cast<double>(log_ratio[i]), -clamp, clamp);
  }
  for (int i = count; i < padded; ++i) out[i] = 0;
  return padded;
}

}  // namespace

template <class T>
void ratios_of_block(const T* log_ratio, int count, double clamp, double* ratio) {
  const int padded = clip_block(log_ratio, count, clamp, ratio);
  for (int i = 0; i < padded; i += kWide) store(ratio + i, exp(load(ratio + i)));
}

template <class T>
void scores_of_block(const T* log_ratio, int count, double clamp, int estimator, double* score) {
  const int padded = clip_block(log_ratio, count, clamp, score);
  for (int i = 0; i < padded; i += kWide) {
    const Vec<double> lr = load(score + i);
    if (estimator == 1) {
      store(score + i, -lr);
    } else if (estimator == 2) {
      store(score + i, lr * lr * 0.5);
    } else {
      store(score + i, expm1(lr) - lr);
    }
  }
}

template void ratios_of_block(const float*, int, double, double*);
template void ratios_of_block(const double*, int, double, double*);
template void scores_of_block(const float*, int, double, int, double*);
template void scores_of_block(const double*, int, double, int, double*);

}  // namespace belfry::cpu::BELFRY_ISA
