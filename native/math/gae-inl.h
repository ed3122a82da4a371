// The step of generalised advantage estimation. V is float or double, or the CPU kernels'
// Vec<double>: included like surrogate-inl.h, after Affine, mul_add and BELFRY_FORMULA.

// As the map A_{t+1} -> A_t (arXiv 1506.02438, eq. 16).
template <class V>
BELFRY_FORMULA Affine<V> gae_step(V reward, V value, V next_value, V gamma, V lambda) {
  return {gamma * lambda, mul_add(gamma, next_value, reward - value)};
}
