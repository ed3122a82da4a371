// The optimal transport problem between two small discrete distributions, solved exactly by
// successive shortest augmenting paths with potentials (Dijkstra on the dense bipartite graph).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace belfry::cpu {

struct Mass {
  int32_t at;
  double amount;
};

// Keeps its workspace between calls.
class Transport {
 public:
  // min Σ flow(i,j) · ground[from[i].at, to[j].at] over the flows that turn one distribution into
  // the other; both have the same total and ascending positions. `ground` is a metric with `size`
  // columns: mass that both have at one place stays there. NaN where a cost is NaN.
  double cost(const std::vector<Mass>& from, const std::vector<Mass>& to, const double* ground,
              int64_t size);

 private:
  void split(const std::vector<Mass>& from, const std::vector<Mass>& to);
  bool augment(std::size_t source);
  int64_t nearest_column() const;
  void scan_row(std::size_t i, double distance);
  void move_along(std::size_t source, std::size_t sink);
  double price(std::size_t i, std::size_t j) const {
    return ground_[static_cast<int64_t>(supply_[i].at) * size_ + demand_[j].at];
  }
  double& flow(std::size_t i, std::size_t j) { return flow_[i * demand_.size() + j]; }

  std::vector<Mass> supply_, demand_;  // what is left to move
  std::vector<double> flow_, row_potential_, col_potential_, row_distance_, col_distance_;
  std::vector<int64_t> row_before_, col_before_;  // on the shortest path; −1: not reached
  std::vector<char> row_done_, col_done_;
  const double* ground_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace belfry::cpu
