// The passes over time behind effective_horizon: values of exploration, of the best and of the
// worst policy, the k at which greedy actions become optimal, and the bound on the effective
// horizon.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cpu/context.h"
#include "math/bellman.h"

namespace belfry::cpu {

// The tables of the call: successors with −1 as the done state, rewards in float64.
struct Tables {
  const int32_t* next = nullptr;
  const double* rewards = nullptr;
  int64_t num_states = 0, num_actions = 0;

  int64_t successor(int64_t s, int64_t a) const {
    const int32_t to = next[s * num_actions + a];
    return to < 0 ? num_states - 1 : to;
  }
  double reward(int64_t s, int64_t a) const { return rewards[s * num_actions + a]; }
};

// A node is a state (sticky: state·A + executed action). outcomes: body(probability, node, reward).
class Dynamics {
 public:
  Dynamics(const Tables& tables, double sticky, bool paired)
      : tables_(tables), sticky_(sticky), paired_(paired) {}

  int64_t num_actions() const { return tables_.num_actions; }
  int64_t num_nodes() const { return tables_.num_states * (paired_ ? num_actions() : 1); }
  int64_t state_of(int64_t node) const { return paired_ ? node / num_actions() : node; }
  int64_t start_node(int64_t state) const { return paired_ ? state * num_actions() : state; }

  template <class Body>
  void outcomes(int64_t t, int64_t node, int64_t action, const Body& body) const {
    const int64_t s = state_of(node);
    const double repeat = paired_ && t > 0 ? sticky_ : 0;
    if (repeat < 1) body(1 - repeat, led_to(s, action), tables_.reward(s, action));
    if (repeat <= 0) return;
    const int64_t last = node % num_actions();
    body(repeat, led_to(s, last), tables_.reward(s, last));
  }

 private:
  int64_t led_to(int64_t s, int64_t action) const {
    const int64_t next = tables_.successor(s, action);
    return paired_ ? next * num_actions() + action : next;
  }

  const Tables& tables_;
  double sticky_;
  bool paired_;
};

// Nodes met at t = 0 … H−1, ascending, and the place of each node among them.
struct MetNodes {
  MetNodes(const Dynamics& dynamics, int64_t start, int64_t horizon)
      : place(static_cast<size_t>(dynamics.num_nodes()), -1) {
    std::vector<int64_t> level{start};
    place[static_cast<size_t>(start)] = 0;
    nodes = level;
    for (int64_t t = 0; t + 1 < horizon && !level.empty(); ++t) {
      std::vector<int64_t> next;
      for (const int64_t node : level) {
        for (int64_t a = 0; a < dynamics.num_actions(); ++a) {
          dynamics.outcomes(t, node, a, [&](double, int64_t to, double) {
            if (place[static_cast<size_t>(to)] >= 0) return;
            place[static_cast<size_t>(to)] = 0;
            next.push_back(to);
          });
        }
      }
      nodes.insert(nodes.end(), next.begin(), next.end());
      level = std::move(next);
    }
    std::sort(nodes.begin(), nodes.end());
    for (size_t i = 0; i < nodes.size(); ++i)
      place[static_cast<size_t>(nodes[i])] = static_cast<int32_t>(i);
  }
  int64_t count() const { return static_cast<int64_t>(nodes.size()); }

  std::vector<int64_t> nodes;
  std::vector<int32_t> place;
};

struct BoundLists {
  std::vector<int32_t> ks;
  std::vector<double> ms, gaps, vars;
  double bound = 0;
};

class HorizonAnalysis {
 public:
  // `exploration(t, state, action)` is the probability that exploration takes the action; null:
  // uniform.
  template <class Exploration>
  HorizonAnalysis(const Dynamics& dynamics, int64_t start, int64_t horizon, double precision,
                  const Exploration* exploration, CpuContext& context)
      : dynamics_(dynamics),
        context_(context),
        met_(dynamics, dynamics.start_node(start), horizon),
        n_(met_.count()),
        width_(dynamics.num_actions()),
        horizon_(horizon),
        precision_(precision),
        start_(met_.place[static_cast<size_t>(dynamics.start_node(start))]) {
    for (double** table : {&explored_, &best_, &worst_, &now_, &var_})
      *table = context.scratch<double>(horizon * n_ * width_);
    for (double** values : {&explored_value_, &best_value_, &worst_value_})
      *values = context.scratch<double>(horizon * n_);
    for (int64_t t = horizon - 1; t >= 0 && !context.stopped(); --t) {
      for_each_node([&](int64_t i) { look_back(t, i, exploration); });
    }
  }

  double random_return() const { return explored_value_[start_]; }
  double optimal_return() const { return best_value_[start_]; }
  double worst_return() const { return worst_value_[start_]; }
  int64_t num_met() const { return n_; }

  int64_t min_k() {
    std::copy_n(explored_, horizon_ * n_ * width_, now_);
    return first_that_works();
  }
  int64_t planning_window() {
    for (int64_t t = 0; t < horizon_; ++t) {
      for_each_node([&](int64_t i) {
        for (int64_t a = 0; a < width_; ++a) {
          double reward = 0;
          dynamics_.outcomes(t, node(i), a, [&](double p, int64_t, double r) { reward += p * r; });
          now_[row(t, i) + a] = reward;
        }
      });
    }
    return first_that_works();
  }

  BoundLists bound() {
    BoundLists lists;
    lists.bound = static_cast<double>(horizon_);
    std::copy_n(explored_, horizon_ * n_ * width_, now_);
    for (int64_t j = 0; j < horizon_ * n_ * width_; ++j)
      var_[j] = (explored_[j] - worst_[j]) * (best_[j] - worst_[j]);
    for (int64_t k = 1; static_cast<double>(k) < lists.bound && !context_.stopped(); ++k) {
      set_bound(k, lists);
      back_up(true);
      context_.report(k, horizon_, lists.bound);
    }
    return lists;
  }

  // body(t, node's place, action, probability): the occupancy of exploration, deterministic models.
  template <class Exploration, class Body>
  void explore(const Exploration* exploration, const Body& body) const {
    std::vector<double> here(static_cast<size_t>(n_), 0.0), next(here);
    here[static_cast<size_t>(start_)] = 1;
    for (int64_t t = 0; t < horizon_; ++t) {
      std::fill(next.begin(), next.end(), 0.0);
      for (int64_t i = 0; i < n_; ++i) {
        const double occupancy = here[static_cast<size_t>(i)];
        if (occupancy == 0) continue;
        for (int64_t a = 0; a < width_; ++a) {
          const double taken =
              occupancy * (exploration ? (*exploration)(t, dynamics_.state_of(node(i)), a)
                                       : 1 / static_cast<double>(width_));
          body(t, i, a, taken, occupancy);
          if (t + 1 == horizon_) continue;
          dynamics_.outcomes(t, node(i), a, [&](double p, int64_t to, double) {
            next[static_cast<size_t>(met_.place[static_cast<size_t>(to)])] += p * taken;
          });
        }
      }
      std::swap(here, next);
    }
  }
  int64_t state_at(int64_t i) const { return dynamics_.state_of(node(i)); }

 private:
  int64_t node(int64_t i) const { return met_.nodes[static_cast<size_t>(i)]; }
  int64_t row(int64_t t, int64_t i) const { return (t * n_ + i) * width_; }
  int64_t place(int64_t t, int64_t to) const {
    return t * n_ + met_.place[static_cast<size_t>(to)];
  }
  template <class Body>
  void for_each_node(const Body& body) const {
    context_.parallel(n_, chunk_for(8 * width_), [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t i = begin; i < end; ++i) body(i);
    });
  }
  // Nodes first met at t = H−1 have successors that were never numbered; nothing comes after.
  bool last(int64_t t, int64_t to) const {
    return t + 1 >= horizon_ || met_.place[static_cast<size_t>(to)] < 0;
  }

  template <class Exploration>
  void look_back(int64_t t, int64_t i, const Exploration* exploration) {
    double sum = 0, high = -math::kInfinity<double>, low = math::kInfinity<double>;
    for (int64_t a = 0; a < width_; ++a) {
      double q = 0, top = 0, bottom = 0;
      dynamics_.outcomes(t, node(i), a, [&](double p, int64_t to, double r) {
        q += p * r;
        top += p * r;
        bottom += p * r;
        if (last(t, to)) return;
        const int64_t next = place(t + 1, to);
        q += p * explored_value_[next];
        top += p * best_value_[next];
        bottom += p * worst_value_[next];
      });
      explored_[row(t, i) + a] = q;
      best_[row(t, i) + a] = top;
      worst_[row(t, i) + a] = bottom;
      high = std::fmax(high, top);
      low = std::fmin(low, bottom);
      sum += exploration ? math::policy_term((*exploration)(t, state_at(i), a), q) : q;
    }
    const double mean = exploration ? sum : sum / static_cast<double>(width_);
    best_value_[t * n_ + i] = high;
    worst_value_[t * n_ + i] = low;
    // Rounding must not take it past what any policy can do.
    explored_value_[t * n_ + i] = std::fmax(low, std::fmin(high, mean));
  }

  bool suboptimal(int64_t t, int64_t i, int64_t a) const {
    return best_[row(t, i) + a] < best_value_[t * n_ + i] - precision_;
  }

  int64_t first_that_works() {
    for (int64_t k = 1; k <= horizon_ && !context_.stopped(); ++k) {
      if (greedy_is_optimal()) return k;
      back_up(false);
      context_.report(k, horizon_, 0);
    }
    return -1;
  }
  bool greedy_is_optimal() const {
    std::vector<uint8_t> here(static_cast<size_t>(n_), 0), next(here);
    here[static_cast<size_t>(start_)] = 1;
    for (int64_t t = 0; t < horizon_; ++t) {
      std::fill(next.begin(), next.end(), uint8_t{0});
      for (int64_t i = 0; i < n_; ++i) {
        if (!here[static_cast<size_t>(i)]) continue;
        const double* q = now_ + row(t, i);
        const double most = *std::max_element(q, q + width_);
        for (int64_t a = 0; a < width_; ++a) {
          if (!(q[a] >= most)) continue;
          if (suboptimal(t, i, a)) return false;
          mark(t, i, a, next);
        }
      }
      std::swap(here, next);
    }
    return true;
  }
  void mark(int64_t t, int64_t i, int64_t a, std::vector<uint8_t>& next) const {
    dynamics_.outcomes(t, node(i), a, [&](double, int64_t to, double) {
      if (!last(t, to)) next[static_cast<size_t>(met_.place[static_cast<size_t>(to)])] = 1;
    });
  }

  // Q_{k+1} from Q_k in place, t ascending; the last step stays as it is.
  void back_up(bool with_var) {
    for (int64_t t = 0; t + 1 < horizon_; ++t) {
      for_each_node([&](int64_t i) {
        for (int64_t a = 0; a < width_; ++a) {
          double q = 0, var = 0;
          dynamics_.outcomes(t, node(i), a, [&](double p, int64_t to, double r) {
            if (last(t, to)) return;
            const int64_t next = place(t + 1, to) * width_;
            q += p * (r + *std::max_element(now_ + next, now_ + next + width_));
            if (with_var) var = *std::max_element(var_ + next, var_ + next + width_);
          });
          now_[row(t, i) + a] = q;
          if (with_var) var_[row(t, i) + a] = var;
        }
      });
    }
  }

  // m_k over the states met by actions better than every sub-optimal one, and who sets it.
  void set_bound(int64_t k, BoundLists& lists) const {
    std::vector<uint8_t> here(static_cast<size_t>(n_), 0), next(here);
    here[static_cast<size_t>(start_)] = 1;
    double most = 0, gap_of_most = 0, var_of_most = 0;
    for (int64_t t = 0; t < horizon_; ++t) {
      std::fill(next.begin(), next.end(), uint8_t{0});
      for (int64_t i = 0; i < n_; ++i) {
        if (!here[static_cast<size_t>(i)]) continue;
        const double* q = now_ + row(t, i);
        double high = -math::kInfinity<double>, rival = -math::kInfinity<double>, var = 0;
        for (int64_t a = 0; a < width_; ++a) {
          high = std::fmax(high, q[a]);
          if (suboptimal(t, i, a)) rival = std::fmax(rival, q[a]);
          var = std::fmax(var, var_[row(t, i) + a]);
        }
        const double gap = high - rival;
        if (!(gap > 0)) return;  // m_k is infinite
        const double m = samples(k, var, gap);
        if (m > most) {
          most = m;
          gap_of_most = gap;
          var_of_most = var;
        }
        for (int64_t a = 0; a < width_; ++a) {
          if (q[a] > rival) mark(t, i, a, next);
        }
      }
      std::swap(here, next);
    }
    lists.ks.push_back(static_cast<int32_t>(k));
    lists.ms.push_back(most);
    lists.gaps.push_back(gap_of_most);
    lists.vars.push_back(var_of_most);
    const double log_m = most > 1 ? std::log(most) / std::log(static_cast<double>(width_)) : 0;
    lists.bound = std::fmin(lists.bound, static_cast<double>(k) + log_m);
  }
  double samples(int64_t k, double var, double gap) const {
    const double sequences = std::pow(static_cast<double>(width_), static_cast<double>(k));
    const double twice = 2 * static_cast<double>(horizon_);
    const double log_count =
        std::isfinite(sequences)
            ? std::log(twice * sequences)
            : std::log(twice) + static_cast<double>(k) * std::log(static_cast<double>(width_));
    return std::fmax(1, std::ceil(16 * var / (gap * gap) * log_count));
  }

  const Dynamics& dynamics_;
  CpuContext& context_;
  const MetNodes met_;
  const int64_t n_, width_, horizon_;
  const double precision_;
  const int64_t start_;
  double *explored_ = nullptr, *best_ = nullptr, *worst_ = nullptr, *now_ = nullptr,
         *var_ = nullptr;
  double *explored_value_ = nullptr, *best_value_ = nullptr, *worst_value_ = nullptr;
};

}  // namespace belfry::cpu
