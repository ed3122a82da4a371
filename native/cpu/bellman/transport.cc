#include "cpu/bellman/transport.h"

#include <algorithm>
#include <limits>

namespace belfry::cpu {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
// Less than this is rounding.
constexpr double kNoMass = 1e-15;

}  // namespace

void Transport::split(const std::vector<Mass>& from, const std::vector<Mass>& to) {
  supply_.clear();
  demand_.clear();
  size_t j = 0;
  for (const Mass& mass : from) {
    while (j < to.size() && to[j].at < mass.at) demand_.push_back(to[j++]);
    const bool shared = j < to.size() && to[j].at == mass.at;
    const double kept = shared ? std::min(mass.amount, to[j].amount) : 0;
    if (mass.amount - kept > kNoMass) supply_.push_back({mass.at, mass.amount - kept});
    if (!shared) continue;
    if (to[j].amount - kept > kNoMass) demand_.push_back({mass.at, to[j].amount - kept});
    ++j;
  }
  demand_.insert(demand_.end(), to.begin() + static_cast<int64_t>(j), to.end());
}

// Offers every column the way through row i.
void Transport::scan_row(size_t i, double distance) {
  row_done_[i] = 1;
  row_distance_[i] = distance;
  for (size_t j = 0; j < demand_.size(); ++j) {
    if (col_done_[j]) continue;
    const double reduced = price(i, j) - row_potential_[i] - col_potential_[j];
    const double through = distance + std::max(reduced, 0.0);  // rounding may make it negative
    if (!(through < col_distance_[j])) continue;
    col_distance_[j] = through;
    col_before_[j] = static_cast<int64_t>(i);
  }
}

int64_t Transport::nearest_column() const {
  int64_t best = -1;
  for (size_t j = 0; j < demand_.size(); ++j) {
    if (col_done_[j] || !(col_distance_[j] < kInfinite)) continue;
    if (best < 0 || col_distance_[j] < col_distance_[static_cast<size_t>(best)]) {
      best = static_cast<int64_t>(j);
    }
  }
  return best;
}

void Transport::move_along(size_t source, size_t sink) {
  double amount = std::min(supply_[source].amount, demand_[sink].amount);
  for (size_t j = sink;;) {
    const auto i = static_cast<size_t>(col_before_[j]);
    if (i == source) break;
    const auto back = static_cast<size_t>(row_before_[i]);
    amount = std::min(amount, flow(i, back));
    j = back;
  }
  for (size_t j = sink;;) {
    const auto i = static_cast<size_t>(col_before_[j]);
    flow(i, j) += amount;
    if (i == source) break;
    const auto back = static_cast<size_t>(row_before_[i]);
    flow(i, back) -= amount;
    if (flow(i, back) < kNoMass) flow(i, back) = 0;
    j = back;
  }
  supply_[source].amount -= amount;
  demand_[sink].amount -= amount;
}

// One shortest path from `source` to a column that still takes mass. False when there is none.
bool Transport::augment(size_t source) {
  row_done_.assign(supply_.size(), 0);
  col_done_.assign(demand_.size(), 0);
  col_distance_.assign(demand_.size(), kInfinite);
  scan_row(source, 0);
  int64_t sink = -1;
  while (sink < 0) {
    const int64_t nearest = nearest_column();
    if (nearest < 0) return false;
    const auto j = static_cast<size_t>(nearest);
    col_done_[j] = 1;
    if (demand_[j].amount > kNoMass) {
      sink = nearest;
      break;
    }
    for (size_t i = 0; i < supply_.size(); ++i) {
      if (row_done_[i] || !(flow(i, j) > 0)) continue;
      row_before_[i] = nearest;
      scan_row(i, col_distance_[j]);
    }
  }
  const double length = col_distance_[static_cast<size_t>(sink)];
  for (size_t i = 0; i < supply_.size(); ++i) {
    if (row_done_[i]) row_potential_[i] += length - row_distance_[i];
  }
  for (size_t j = 0; j < demand_.size(); ++j) {
    if (col_done_[j]) col_potential_[j] -= length - col_distance_[j];
  }
  move_along(source, static_cast<size_t>(sink));
  return true;
}

double Transport::cost(const std::vector<Mass>& from, const std::vector<Mass>& to,
                       const double* ground, int64_t size) {
  ground_ = ground;
  size_ = size;
  split(from, to);
  flow_.assign(supply_.size() * demand_.size(), 0);
  row_potential_.assign(supply_.size(), 0);
  col_potential_.assign(demand_.size(), 0);
  row_distance_.assign(supply_.size(), 0);
  row_before_.assign(supply_.size(), -1);
  col_before_.assign(demand_.size(), -1);
  for (size_t i = 0; i < supply_.size(); ++i) {
    for (size_t j = 0; j < demand_.size(); ++j) {
      if (price(i, j) != price(i, j)) return std::numeric_limits<double>::quiet_NaN();
    }
  }
  // Every path empties a row, a column or an arc; with real masses only this bound is proof.
  const size_t nodes = supply_.size() + demand_.size();
  size_t left = 64 + 16 * nodes * nodes;
  for (size_t i = 0; i < supply_.size(); ++i) {
    while (supply_[i].amount > kNoMass && left-- > 0) {
      if (!augment(i)) break;
    }
  }
  double total = 0;
  for (size_t i = 0; i < supply_.size(); ++i) {
    for (size_t j = 0; j < demand_.size(); ++j) {
      if (flow(i, j) > 0) total += flow(i, j) * price(i, j);
    }
  }
  return total;
}

}  // namespace belfry::cpu
