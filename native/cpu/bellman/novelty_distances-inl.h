// Body of novelty_knn, once per instruction set: the sums behind the distances of one point to a
// block of references, which lie by dimension, so that the compiler makes vectors of references.

namespace belfry::cpu::BELFRY_ISA {

static void distance_sums(const double* query, const double* references, int64_t dim, int64_t width,
                          const math::DistanceRule& rule, double* sums) {
  for (int64_t i = 0; i < width; ++i) sums[i] = 0;
  for (int64_t j = 0; j < dim; ++j) {
    const double* reference = references + j * width;
    const double own = query[j];
    switch (rule.metric) {
      case NoveltyMetric::manhattan:
        for (int64_t i = 0; i < width; ++i) sums[i] += __builtin_fabs(own - reference[i]);
        break;
      case NoveltyMetric::minkowski:
        for (int64_t i = 0; i < width; ++i) sums[i] += rule.term(own - reference[i]);
        break;
      default:
        for (int64_t i = 0; i < width; ++i) {
          const double apart = own - reference[i];
          sums[i] += apart * apart;
        }
    }
  }
}

}  // namespace belfry::cpu::BELFRY_ISA
