// Four neighbours, moved by one or two 16-byte instructions.
#pragma once

namespace belfry::cuda {

template <class T>
struct alignas(16) Quad {
  T v[4];
};

}  // namespace belfry::cuda
