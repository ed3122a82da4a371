// Bounds of a sum that ends from values that nearly solve it, proved by one backup each.
#pragma once

#include <functional>

#include "cpu/bellman/bound_sweeps.h"
#include "cpu/bellman/howard.h"

namespace belfry::cpu {

class BoundProof {
 public:
  // Howard's iteration finds the candidates: `may_end` says of a row whether it may leave the
  // model.
  BoundProof(const CsrModel& model, const BoundSweeps& sweeps, const HowardOptions& howard,
             std::function<bool(int64_t)> may_end, CpuContext& context)
      : model_(model),
        sweeps_(sweeps),
        howard_(howard),
        may_end_(std::move(may_end)),
        context_(context) {}

  // Betters `bounds` by what is proved from `values`, about those of `policy`, under which every
  // state ends: on the policy's own side (an upper bound of a least sum, a lower one of a greatest)
  // or on both. False: stopped by the caller.
  bool improve(const double* values, const int32_t* policy, bool both_sides,
               const BothBounds& bounds);

 private:
  void weigh_doubts(const double* values, const int32_t* policy);
  bool sum_up(const std::vector<uint8_t>& rows, const int32_t* policy, double* sum);
  bool try_shift(const double* values, const double* sum, bool upper, const BothBounds& bounds);
  bool near_rows(const double* values, const int32_t* policy, double near,
                 std::vector<uint8_t>& rows);

  const CsrModel& model_;
  const BoundSweeps& sweeps_;
  const HowardOptions howard_;
  const std::function<bool(int64_t)> may_end_;
  CpuContext& context_;
  double* doubts_ = nullptr;  // [S A] what a row's backup may be off by, in units of the largest
  double unit_ = 0;
};

}  // namespace belfry::cpu
