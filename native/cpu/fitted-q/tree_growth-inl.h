// The passes over the rows of a node, and the growth of a tree, once per instruction set. Most
// nodes hold a handful of rows, so a pass is mostly one vector and what it costs is its latency.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// v added up in float64.
BELFRY_INLINE void add_wide(Vec<double> v, Vec<double>& sum) { sum += v; }
BELFRY_INLINE void add_wide(Vec<float> v, Vec<double>& sum) {
  sum += widen_lower(v) + widen_upper(v);
}
BELFRY_INLINE void add_products(Vec<double> a, Vec<double> b, Vec<double>& sum) {
  sum = fma(a, b, sum);
}
BELFRY_INLINE void add_products(Vec<float> a, Vec<float> b, Vec<double>& sum) {
  sum = fma(widen_lower(a), widen_lower(b), fma(widen_upper(a), widen_upper(b), sum));
}

// body(vector, its mask, first row) over `count` values; the lanes beyond them hold the first
// value.
template <class T, class Body>
BELFRY_INLINE void for_vectors(const T* from, int64_t count, const Body& body) {
  constexpr int kLanes = Vec<T>::kLanes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(load(from + i), first_n<T>(kLanes), i);
  const int rest = static_cast<int>(count - i);
  if (rest > 0) body(load_n(from + i, rest, Vec<T>(from[0])), first_n<T>(rest), i);
}

// The outputs of a node's rows, and their weights.
template <class T, bool kWeighted>
struct OutputRows {
  const T* y;
  const T* weight;  // null where !kWeighted
  int64_t count;

  // The values at row i, times their weights.
  BELFRY_INLINE Vec<T> weigh(Vec<T> values, int64_t i) const {
    if constexpr (kWeighted) return values * weights_at(i);
    return values;
  }
  BELFRY_INLINE Vec<T> weights_at(int64_t i) const {
    const int64_t rest = count - i;
    if (rest >= Vec<T>::kLanes) return load(weight + i);
    return load_n(weight + i, static_cast<int>(rest));
  }
};

template <class T>
struct Outputs {
  T low, high;
  double total;  // weight of the rows
  double mean;
  T centre;  // the mean as T
};

template <class T, bool kWeighted>
BELFRY_INLINE Outputs<T> measure_outputs(const OutputRows<T, kWeighted>& rows) {
  Vec<T> low = Vec<T>(rows.y[0]), high = low;
  Vec<double> sum = zero<double>(), total = zero<double>();
  for_vectors(rows.y, rows.count, [&](Vec<T> v, Mask<T> inside, int64_t i) {
    low = min(v, low);
    high = max(v, high);
    add_wide(select(inside, rows.weigh(v, i), zero<T>()), sum);
    if constexpr (kWeighted) add_wide(select(inside, rows.weights_at(i), zero<T>()), total);
  });
  Outputs<T> out;
  out.total = kWeighted ? reduce_sum(total) : static_cast<double>(rows.count);
  out.low = detail::fold(low.raw, detail::Less{});
  out.high = detail::fold(high.raw, detail::Greater{});
  out.mean = reduce_sum(sum) / out.total;
  // Rounding must not carry the mean out of the range.
  if (out.mean < static_cast<double>(out.low)) out.mean = static_cast<double>(out.low);
  if (out.mean > static_cast<double>(out.high)) out.mean = static_cast<double>(out.high);
  out.centre = static_cast<T>(out.mean);
  return out;
}

template <class T, bool kWeighted>
BELFRY_INLINE double squares_around(const OutputRows<T, kWeighted>& rows, T centre) {
  Vec<double> squares = zero<double>();
  for_vectors(rows.y, rows.count, [&](Vec<T> v, Mask<T> inside, int64_t i) {
    const Vec<T> apart = select(inside, v - Vec<T>(centre), zero<T>());
    add_products(rows.weigh(apart, i), apart, squares);
  });
  return reduce_sum(squares);
}

template <class T>
BELFRY_INLINE void measure_range(const T* x, int64_t count, T& low, T& high) {
  Vec<T> least = Vec<T>(std::numeric_limits<T>::infinity()), most = -least;
  for_vectors(x, count, [&](Vec<T> v, Mask<T>, int64_t) {
    least = min(v, least);
    most = max(v, most);
  });
  low = detail::fold(least.raw, detail::Less{});
  high = detail::fold(most.raw, detail::Greater{});
}

struct LeftSide {
  int64_t count = 0;
  double total = 0;  // weight of its rows
  double sum = 0;    // of y − centre, weighted
};

template <class T, bool kWeighted>
BELFRY_INLINE LeftSide measure_left(const T* x, const OutputRows<T, kWeighted>& rows, T threshold,
                                    T centre) {
  constexpr int kLanes = Vec<T>::kLanes;
  LeftSide left;
  Vec<double> sum = zero<double>(), total = zero<double>();
  for_vectors(x, rows.count, [&](Vec<T> v, Mask<T> inside, int64_t i) {
    const Mask<T> goes = (v < Vec<T>(threshold)) & inside;
    const int64_t rest = rows.count - i;
    const Vec<T> outputs =
        rest >= kLanes ? load(rows.y + i) : load_n(rows.y + i, static_cast<int>(rest));
    left.count += count(goes);
    add_wide(select(goes, rows.weigh(outputs - Vec<T>(centre), i), zero<T>()), sum);
    if constexpr (kWeighted) add_wide(select(goes, rows.weights_at(i), zero<T>()), total);
  });
  left.sum = reduce_sum(sum);
  left.total = kWeighted ? reduce_sum(total) : static_cast<double>(left.count);
  return left;
}

template <class T>
BELFRY_INLINE void note_sides(const T* x, int64_t rows, T threshold, uint32_t* sides) {
  for_vectors(x, rows, [&](Vec<T> v, Mask<T> inside, int64_t i) {
    sides[i / Vec<T>::kLanes] = mask_bits((v < Vec<T>(threshold)) & inside);
  });
}

// `lanes` values to the ends of both sides, in order; bit i of `bits` is set where value i goes
// left.
#if BELFRY_ISA_LEVEL == 2
BELFRY_INLINE void part(Vec<float> v, unsigned bits, int lanes, float*& left, float*& right) {
  const unsigned inside = (1u << lanes) - 1u, others = ~bits & inside;
  const int to_left = __builtin_popcount(bits), to_right = lanes - to_left;
  store_n(left, Vec<float>(raw::F32(_mm512_maskz_compress_ps(__mmask16(bits), __m512(v.raw)))),
          to_left);
  store_n(right, Vec<float>(raw::F32(_mm512_maskz_compress_ps(__mmask16(others), __m512(v.raw)))),
          to_right);
  left += to_left;
  right += to_right;
}
BELFRY_INLINE void part(Vec<double> v, unsigned bits, int lanes, double*& left, double*& right) {
  const unsigned inside = (1u << lanes) - 1u, others = ~bits & inside;
  const int to_left = __builtin_popcount(bits), to_right = lanes - to_left;
  store_n(left, Vec<double>(raw::F64(_mm512_maskz_compress_pd(__mmask8(bits), __m512d(v.raw)))),
          to_left);
  store_n(right, Vec<double>(raw::F64(_mm512_maskz_compress_pd(__mmask8(others), __m512d(v.raw)))),
          to_right);
  left += to_left;
  right += to_right;
}
#else
template <class T>
BELFRY_INLINE void part(Vec<T> v, unsigned bits, int lanes, T*& left, T*& right) {
  T values[Vec<T>::kLanes];
  store(values, v);
  for (int i = 0; i < lanes; ++i) {
    const unsigned goes_left = bits >> i & 1u;
    *(goes_left ? left : right) = values[i];
    left += goes_left;
    right += 1u - goes_left;
  }
}
#endif

template <class T>
BELFRY_INLINE void part_column(const T* from, int64_t rows, const uint32_t* sides, T* left,
                               T* right) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t i = 0; i < rows; i += kLanes) {
    const int lanes = static_cast<int>(rows - i < kLanes ? rows - i : kLanes);
    const Vec<T> v = lanes == kLanes ? load(from + i) : load_n(from + i, lanes);
    part(v, sides[i / kLanes], lanes, left, right);
  }
}

template <class T>
struct Split {
  int32_t feature = -1;
  T threshold = 0;
  int64_t num_left = 0;
  double score = -std::numeric_limits<double>::infinity();
  double decrease = 0;  // of the squared error
};

template <class T, bool kWeighted>
class Grower {
 public:
  Grower(const GrowthData<T>& data, const GrowthSpace<T>& space, SplitDraws<T>& draws,
         const TreeNodes<T>& nodes)
      : data_(data), space_(space), draws_(draws), nodes_(nodes) {}

  int64_t run(const GrowthMonitor& monitor) {
    int64_t open = 0, next = 0;
    if (data_.num_rows > 0) space_.pending[open++] = {0, data_.num_rows, -1, 0};
    while (open > 0) {
      if (next % 256 == 0 && monitor.stopped(monitor.self)) break;
      const auto node = space_.pending[--open];
      const auto number = static_cast<int32_t>(next++);
      if (node.parent >= 0) nodes_.right[node.parent] = number;
      const Split<T> split = make_node(node, number);
      if (split.feature < 0) continue;
      part_rows(node, split);
      const int64_t rest = node.count - split.num_left;
      space_.pending[open++] = {node.begin + split.num_left, rest, number, node.depth + 1};
      space_.pending[open++] = {node.begin, split.num_left, -1, node.depth + 1};
    }
    return next;
  }

 private:
  using Pending = typename GrowthSpace<T>::Pending;

  // Rows of depth 0 are those of the forest.
  const T* columns(const Pending& node) const {
    return (node.depth == 0 ? data_.columns : space_.buffers[node.depth % 2]) + node.begin;
  }
  const T* column(const Pending& node, int64_t feature) const {
    return columns(node) + feature * data_.stride;
  }

  OutputRows<T, kWeighted> outputs_of(const Pending& node) const {
    const T* const y = column(node, data_.num_features);
    return {y, kWeighted ? y + data_.stride : nullptr, node.count};
  }

  Split<T> make_node(const Pending& node, int32_t number) {
    const Outputs<T> outputs = measure_outputs(outputs_of(node));
    Split<T> split;
    if (node.count >= data_.n_min && outputs.low != outputs.high) {
      split = best_split(node, number, outputs);
    }
    nodes_.feature[number] = split.feature;
    nodes_.threshold[number] = split.threshold;
    nodes_.value[number] = outputs.centre;
    nodes_.right[number] = -1;
    if (nodes_.left) nodes_.left[number] = split.feature < 0 ? -1 : number + 1;
    if (nodes_.decrease && split.feature >= 0) nodes_.decrease[split.feature] += split.decrease;
    if (nodes_.count) nodes_.count[number] = static_cast<int32_t>(node.count);
    return split;
  }

  // The attributes that are not constant in the node; of more than k, k at random.
  int64_t candidates(const Pending& node) {
    int64_t found = 0;
    for (int64_t a = 0; a < data_.num_features; ++a) {
      measure_range(column(node, a), node.count, space_.low[a], space_.high[a]);
      space_.tried[found] = static_cast<int32_t>(a);
      found += space_.low[a] < space_.high[a];
    }
    if (data_.k == 0 || found <= data_.k) return found;
    for (int64_t i = 0; i < data_.k; ++i) {
      const auto offset = static_cast<int64_t>(draws_.next() * static_cast<double>(found - i));
      const int64_t j = offset < found - i ? i + offset : found - 1;
      const int32_t chosen = space_.tried[j];
      space_.tried[j] = space_.tried[i];
      space_.tried[i] = chosen;
    }
    sort_tried();
    return data_.k;
  }
  // By insertion: a handful.
  void sort_tried() {
    for (int64_t i = 1; i < data_.k; ++i) {
      const int32_t own = space_.tried[i];
      int64_t at = i;
      for (; at > 0 && space_.tried[at - 1] > own; --at) space_.tried[at] = space_.tried[at - 1];
      space_.tried[at] = own;
    }
  }

  Split<T> best_split(const Pending& node, int32_t number, const Outputs<T>& outputs) {
    draws_.begin_node(number);
    const auto rows = outputs_of(node);
    const double off_centre = outputs.mean - static_cast<double>(outputs.centre);
    const double squares =
        squares_around(rows, outputs.centre) - outputs.total * off_centre * off_centre;
    Split<T> best;
    const int64_t tried = candidates(node);
    for (int64_t i = 0; i < tried; ++i) {
      const int32_t a = space_.tried[i];
      const T threshold = math::split_threshold(space_.low[a], space_.high[a], draws_.next());
      const LeftSide left = measure_left(column(node, a), rows, threshold, outputs.centre);
      if (left.count == 0 || left.count == node.count) continue;
      const double sum = left.sum - left.total * off_centre;
      const double others = outputs.total - left.total;
      const double score = math::split_score(sum, left.total, others, squares);
      if (score > best.score + math::kSplitMargin)
        best = {a, threshold, left.count, score, score * squares};
    }
    return best;
  }

  void part_rows(const Pending& node, const Split<T>& split) {
    note_sides(column(node, split.feature), node.count, split.threshold, space_.sides);
    T* const to = space_.buffers[(node.depth + 1) % 2] + node.begin;
    for (int64_t a = 0; a < data_.num_columns(); ++a) {
      T* const left = to + a * data_.stride;
      part_column(column(node, a), node.count, space_.sides, left, left + split.num_left);
    }
  }

  const GrowthData<T>& data_;
  const GrowthSpace<T>& space_;
  SplitDraws<T>& draws_;
  const TreeNodes<T>& nodes_;
};

}  // namespace

template <class T>
int64_t grow(const GrowthData<T>& data, const GrowthSpace<T>& space, SplitDraws<T>& draws,
             const TreeNodes<T>& nodes, const GrowthMonitor& monitor) {
  if (data.weighted) return Grower<T, true>(data, space, draws, nodes).run(monitor);
  return Grower<T, false>(data, space, draws, nodes).run(monitor);
}

template int64_t grow(const GrowthData<float>&, const GrowthSpace<float>&, SplitDraws<float>&,
                      const TreeNodes<float>&, const GrowthMonitor&);
template int64_t grow(const GrowthData<double>&, const GrowthSpace<double>&, SplitDraws<double>&,
                      const TreeNodes<double>&, const GrowthMonitor&);

}  // namespace belfry::cpu::BELFRY_ISA
