// Views as the plain pointers that kernels on both processors take.
#pragma once

namespace belfry::math {

// Null: not given, or nobody asked for it.
template <class V>
auto* data_of(const V& view) {
  return view.present ? view.begin() : nullptr;
}

}  // namespace belfry::math
