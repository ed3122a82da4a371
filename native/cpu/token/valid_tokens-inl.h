// Counting flags, once per instruction set.

namespace belfry::cpu::BELFRY_ISA {

// Non-zero flags among first .. first + count.
int64_t count_flags(const math::FlagReader& mask, int64_t first, int64_t count) {
  constexpr int kColumns = 64;
  int64_t total = 0;
  if (mask.words) {
    for (int64_t i = 0; i < count; ++i) total += mask.words[first + i] != 0;
    return total;
  }
  const std::uint8_t* bytes = mask.bytes + first;
  int64_t i = 0;
  while (i + kColumns <= count) {
    // Columns of bytes, which hold up to 255 rows.
    std::uint8_t columns[kColumns] = {};
    for (int row = 0; row < 255 && i + kColumns <= count; ++row, i += kColumns) {
      for (int j = 0; j < kColumns; ++j) {
        columns[j] = static_cast<std::uint8_t>(columns[j] + (bytes[i + j] != 0));
      }
    }
    for (int j = 0; j < kColumns; ++j) total += columns[j];
  }
  for (; i < count; ++i) total += bytes[i] != 0;
  return total;
}

}  // namespace belfry::cpu::BELFRY_ISA
