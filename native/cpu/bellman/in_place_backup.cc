#include "cpu/bellman/in_place_backup.h"

#include "cpu/bellman/components.h"
#include "cpu/bellman/stop_poll.h"

namespace belfry::cpu {

TopologicalOrder topological_order(const CsrModel& model, const CpuContext& context) {
  const auto n = static_cast<size_t>(model.num_states);
  const int64_t width = model.num_actions;
  StopPoll poll(context);
  TopologicalOrder order;
  std::vector<uint8_t> loops(n, 0);
  int32_t count = 0;
  // The k-th neighbour of a state counts through the entries of all its rows.
  const auto of_state = strong_components(
      model.num_states, count, [&, row = int64_t{0}](int64_t s, int64_t k) mutable -> int64_t {
        poll();
        const int64_t e = model.rows.row_ptr[s * width] + k;
        if (e >= model.rows.row_ptr[(s + 1) * width]) return -1;
        if (row / std::max<int64_t>(width, 1) != s || e < model.rows.row_ptr[row]) row = s * width;
        while (e >= model.rows.row_ptr[row + 1]) ++row;
        if (!model.mask(row) || !(model.rows.prob[e] > 0)) return -2;
        if (model.rows.col[e] == s) loops[static_cast<size_t>(s)] = 1;
        return model.rows.col[e];
      });
  order.first.assign(static_cast<size_t>(count) + 1, 0);
  for (const int32_t c : of_state) ++order.first[static_cast<size_t>(c) + 1];
  for (size_t c = 0; c < static_cast<size_t>(count); ++c) order.first[c + 1] += order.first[c];
  auto place = order.first;
  order.states.resize(n);
  order.single.assign(static_cast<size_t>(count), 0);
  for (size_t s = 0; s < n; ++s) {
    const auto c = static_cast<size_t>(of_state[s]);
    order.states[static_cast<size_t>(place[c]++)] = static_cast<int32_t>(s);
    order.single[c] = order.first[c + 1] - order.first[c] == 1 && !loops[s];
  }
  return order;
}

}  // namespace belfry::cpu
