// Solves in several calls: how much a call may still do, and how a part of it came out.
#pragma once

#include <cstdint>
#include <limits>

namespace belfry::cpu {

enum class Outcome { finished, paused, stopped };

// Sweeps or policies that a call may still make before it returns what it has.
class Allowance {
 public:
  explicit Allowance(int64_t units) : left_(units > 0 ? units : kUnlimited) {}

  bool spend() { return left_ > 0 && (--left_, true); }
  void spend(int64_t units) { left_ -= units; }
  int64_t left() const { return left_; }

 private:
  static constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max() / 2;
  int64_t left_;
};

}  // namespace belfry::cpu
