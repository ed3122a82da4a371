// rollin_mask: first tokens of a guide's rollout that each sequence replays, arXiv 2306.11816.
#include <algorithm>

#include "cpu/run.h"
#include "math/corrections.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status rollin_mask(const RollinMask<T>& op) {
  for (int64_t row = 0; row < op.lengths.dims[0]; ++row) {
    const bool replay = static_cast<double>(op.u_mix[row]) < op.beta;
    const double u = static_cast<double>(op.u_length[row]);
    const int32_t tokens = replay ? math::rollin_length(op.lengths[row], u) : 0;
    if (op.rollin_lengths) op.rollin_lengths[row] = tokens;
    if (!op.rollin_mask) continue;
    uint8_t* flags = op.rollin_mask.begin() + row * op.max_length;
    std::fill_n(flags, op.max_length, uint8_t{0});
    std::fill_n(flags, std::min<int64_t>(tokens, op.max_length), uint8_t{1});
  }
  return {};
}

}  // namespace

template <>
Status run(const RollinMask<float>& op, CpuContext&) {
  return rollin_mask(op);
}
template <>
Status run(const RollinMask<double>& op, CpuContext&) {
  return rollin_mask(op);
}

}  // namespace belfry::cpu
