// extra_trees_predict: a group of lanes walks one row down a tree each, in rounds, and adds the
// leaves up in the order of the trees. For many rows a group is one thread: neighbours are then in
// the same tree, whose upper levels they read together. 16 bytes read a level, tree and row.
#include "cuda/device/reduce.cuh"
#include "cuda/fitted-q/packed_trees.cuh"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T>
struct Walk {
  const int32_t *words, *offsets;  // four words a node
  int64_t num_trees, num_features;
  const T* rows;
  int64_t num_rows;
  T* prediction;
};

// One load where the words are aligned, as memory of the allocator is.
__device__ inline math::PackedNode read_node(const int32_t* words, bool aligned) {
  math::PackedNode node;
  if (aligned) {
    const int4 four = *reinterpret_cast<const int4*>(words);
    memcpy(static_cast<void*>(&node), &four, sizeof node);
  } else {
    const int32_t four[4] = {words[0], words[1], words[2], words[3]};
    memcpy(static_cast<void*>(&node), four, sizeof node);
  }
  return node;
}

// The value of the leaf of x among the `rest` nodes of a tree.
template <class T>
__device__ double walk_down(const int32_t* words, int64_t rest, const T* x, int64_t num_features) {
  const bool aligned = reinterpret_cast<uintptr_t>(words) % 16 == 0;
  math::PackedNode node = read_node(words, aligned);
#pragma unroll 1
  while (math::leads_on(node, rest, num_features)) {
    const int32_t steps = math::steps_from(node, static_cast<double>(x[node.feature]));
    rest -= steps;
    words += 4 * static_cast<int64_t>(steps);
    node = read_node(words, aligned);
  }
  return math::value_at_end(node);
}

// What a lane knows of its tree: nothing where that has no nodes.
struct TreeValue {
  double value;
  int32_t counts;
};

template <class T>
__device__ TreeValue tree_value(const Walk<T>& call, int64_t tree, const T* x) {
  if (tree >= call.num_trees || !x) return {0, 0};
  const int64_t begin = call.offsets[tree], rest = call.offsets[tree + 1] - begin;
  if (rest <= 0) return {0, 0};
  return {walk_down(call.words + 4 * begin, rest, x, call.num_features), 1};
}

// Every lane of a warp makes the same rounds: the sums are made by all of them.
template <class T>
__global__ void predict_rows(int lanes, Walk<T> call) {
  const T nothing = 0;
  const int own_lane = lane_id() % lanes, first_lane = lane_id() - own_lane;
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x / lanes;
  const int64_t first = thread / kWarpSize * (kWarpSize / lanes);
#pragma unroll 1
  for (int64_t base = first; base < call.num_rows; base += step) {
    const int64_t row = base + lane_id() / lanes;
    const T* x = call.num_features > 0 ? call.rows + row * call.num_features : &nothing;
    if (row >= call.num_rows) x = nullptr;
    double sum = 0;
    int64_t count = 0;
#pragma unroll 1
    for (int64_t tree = 0; tree < call.num_trees; tree += lanes) {
      const TreeValue own = tree_value(call, tree + own_lane, x);
#pragma unroll 1
      for (int i = 0; i < lanes; ++i) {
        const TreeValue one = shuffle(own, first_lane + i);
        sum += one.value;
        count += one.counts;
      }
    }
    const double mean = sum * (1 / static_cast<double>(count));
    if (x && own_lane == 0) {
      call.prediction[row] = count > 0 ? static_cast<T>(mean) : math::kNaN<T>;
    }
  }
}

// Few rows get more lanes each, so that there are enough threads; by sizes only.
template <class T>
int lanes_for(const Walk<T>& call) {
  constexpr int64_t kEnough = 1 << 16;
  int lanes = 1;
  while (lanes < kWarpSize && lanes < call.num_trees && call.num_rows * lanes < kEnough) lanes *= 2;
  return lanes;
}

template <class T>
Status predict(const Walk<T>& call, CudaContext& context) {
  const int lanes = lanes_for(call);
  const LaunchShape shape{dim3(blocks_for(call.num_rows * lanes, kThreads)), dim3(kThreads)};
  return device_status(launch(predict_rows<T>, shape, context.stream(), lanes, call),
                       "extra_trees_predict");
}

template <class T>
Status extra_trees_predict(const ExtraTreesPredict<T>& op, CudaContext& context) {
  const GrownForest<T> forest = grown_forest(op, op.x_query.dims[1]);
  auto* words = context.scratch<int32_t>(4 * forest.num_nodes);
  if (!words) return context.failure();
  if (Status s = pack_forest(forest, words, context); !s.ok() || !op.prediction) return s;
  return predict(Walk<T>{words, forest.offsets, forest.num_trees, forest.num_features,
                         op.x_query.begin(), op.x_query.dims[0], op.prediction.begin()},
                 context);
}

template <class T>
Status extra_trees_predict(const PackedTreesPredict<T>& op, CudaContext& context) {
  if (!op.prediction) return {};
  return predict(
      Walk<T>{op.nodes.begin(), op.tree_offsets.begin(), op.tree_offsets.size() - 1,
              op.x_query.dims[1], op.x_query.begin(), op.x_query.dims[0], op.prediction.begin()},
      context);
}

}  // namespace

template <>
Status run(const ExtraTreesPredict<float>& op, CudaContext& context) {
  return extra_trees_predict(op, context);
}
template <>
Status run(const ExtraTreesPredict<double>& op, CudaContext& context) {
  return extra_trees_predict(op, context);
}
template <>
Status run(const PackedTreesPredict<float>& op, CudaContext& context) {
  return extra_trees_predict(op, context);
}
template <>
Status run(const PackedTreesPredict<double>& op, CudaContext& context) {
  return extra_trees_predict(op, context);
}

}  // namespace belfry::cuda
