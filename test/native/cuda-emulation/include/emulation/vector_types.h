// The built-in vector types of CUDA, with CUDA's sizes and alignments.
#pragma once

#include <cstddef>

namespace belfry::emulation {

template <class T, std::size_t kAlign>
struct alignas(kAlign) Vector1 {
  T x;
};

template <class T, std::size_t kAlign>
struct alignas(kAlign) Vector2 {
  T x, y;
};

template <class T, std::size_t kAlign>
struct alignas(kAlign) Vector3 {
  T x, y, z;
};

template <class T, std::size_t kAlign>
struct alignas(kAlign) Vector4 {
  T x, y, z, w;
};

}  // namespace belfry::emulation

using char2 = belfry::emulation::Vector2<signed char, 2>;
using char4 = belfry::emulation::Vector4<signed char, 4>;
using uchar2 = belfry::emulation::Vector2<unsigned char, 2>;
using uchar4 = belfry::emulation::Vector4<unsigned char, 4>;
using short2 = belfry::emulation::Vector2<short, 4>;
using short4 = belfry::emulation::Vector4<short, 8>;
using ushort2 = belfry::emulation::Vector2<unsigned short, 4>;
using ushort4 = belfry::emulation::Vector4<unsigned short, 8>;
using int1 = belfry::emulation::Vector1<int, 4>;
using int2 = belfry::emulation::Vector2<int, 8>;
using int3 = belfry::emulation::Vector3<int, 4>;
using int4 = belfry::emulation::Vector4<int, 16>;
using uint1 = belfry::emulation::Vector1<unsigned, 4>;
using uint2 = belfry::emulation::Vector2<unsigned, 8>;
using uint3 = belfry::emulation::Vector3<unsigned, 4>;
using uint4 = belfry::emulation::Vector4<unsigned, 16>;
using longlong2 = belfry::emulation::Vector2<long long, 16>;
using ulonglong2 = belfry::emulation::Vector2<unsigned long long, 16>;
using float1 = belfry::emulation::Vector1<float, 4>;
using float2 = belfry::emulation::Vector2<float, 8>;
using float3 = belfry::emulation::Vector3<float, 4>;
using float4 = belfry::emulation::Vector4<float, 16>;
using double1 = belfry::emulation::Vector1<double, 8>;
using double2 = belfry::emulation::Vector2<double, 16>;
using double3 = belfry::emulation::Vector3<double, 8>;
using double4_16a = belfry::emulation::Vector4<double, 16>;
using double4_32a = belfry::emulation::Vector4<double, 32>;

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned vx = 1, unsigned vy = 1, unsigned vz = 1) : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

constexpr char2 make_char2(signed char x, signed char y) { return {x, y}; }
constexpr char4 make_char4(signed char x, signed char y, signed char z, signed char w) {
  return {x, y, z, w};
}
constexpr uchar2 make_uchar2(unsigned char x, unsigned char y) { return {x, y}; }
constexpr uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
  return {x, y, z, w};
}
constexpr short2 make_short2(short x, short y) { return {x, y}; }
constexpr short4 make_short4(short x, short y, short z, short w) { return {x, y, z, w}; }
constexpr ushort2 make_ushort2(unsigned short x, unsigned short y) { return {x, y}; }
constexpr ushort4 make_ushort4(unsigned short x, unsigned short y, unsigned short z,
                               unsigned short w) {
  return {x, y, z, w};
}
constexpr int2 make_int2(int x, int y) { return {x, y}; }
constexpr int3 make_int3(int x, int y, int z) { return {x, y, z}; }
constexpr int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
constexpr uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
constexpr uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
constexpr uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
constexpr longlong2 make_longlong2(long long x, long long y) { return {x, y}; }
constexpr ulonglong2 make_ulonglong2(unsigned long long x, unsigned long long y) { return {x, y}; }
constexpr float2 make_float2(float x, float y) { return {x, y}; }
constexpr float3 make_float3(float x, float y, float z) { return {x, y, z}; }
constexpr float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
constexpr double2 make_double2(double x, double y) { return {x, y}; }
constexpr double3 make_double3(double x, double y, double z) { return {x, y, z}; }
