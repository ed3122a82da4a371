#include "cpu/bellman/backup_states.h"

#include <utility>

#define BELFRY_TARGET_FILE "cpu/bellman/row_sums-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/bellman/backup_states-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/bellman/backup_batch-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void backup_states(const SparseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                   math::Change<T>* change) {
  BELFRY_DISPATCH(sparse_backup<T>)(rows, backup, begin, end, change);
}
template <class T>
void backup_states(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                   math::Change<T>* change) {
  BELFRY_DISPATCH(dense_backup<T>)(rows, backup, begin, end, change);
}
template <class T>
void backup_and_weigh(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                      math::Change<T>* change, MassRange& range) {
  BELFRY_DISPATCH(weighing_backup<T>)(rows, backup, begin, end, change, range);
}
template <class T>
void backup_states_batch(const SparseRows<T>& rows, const BatchValues<T>& values,
                         const Backup<T>& backup, int64_t num_states, int64_t begin, int64_t end) {
  BELFRY_DISPATCH(batch_backup<T>)(rows, values, backup, num_states, begin, end);
}
template <class T>
void row_sums(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums) {
  BELFRY_DISPATCH(sparse_row_sums<T>)(rows, x, begin, end, sums);
}
template <class T>
void row_sums(const DenseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums) {
  BELFRY_DISPATCH(dense_row_sums<T>)(rows, x, begin, end, sums);
}

#define BELFRY_INSTANTIATE(T)                                                                      \
  template void backup_states(const SparseRows<T>&, const Backup<T>&, int64_t, int64_t,            \
                              math::Change<T>*);                                                   \
  template void backup_states(const DenseRows<T>&, const Backup<T>&, int64_t, int64_t,             \
                              math::Change<T>*);                                                   \
  template void backup_and_weigh(const DenseRows<T>&, const Backup<T>&, int64_t, int64_t,          \
                                 math::Change<T>*, MassRange&);                                    \
  template void backup_states_batch(const SparseRows<T>&, const BatchValues<T>&, const Backup<T>&, \
                                    int64_t, int64_t, int64_t);                                    \
  template void row_sums(const SparseRows<T>&, const T*, int64_t, int64_t, T*);                    \
  template void row_sums(const DenseRows<T>&, const T*, int64_t, int64_t, T*);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
