// Family `fitted-q`: extremely randomised trees and tree-based fitted-Q iteration (spec: fitted-q
// 2.4).
#pragma once

#include "ops/op.h"

namespace belfry {

enum class DrawOrder : int32_t { preorder_left_first_attribute_index };
enum class TriedAttributes : int32_t { all };

// How a tree grows.
template <class Op>
Declare<Op>& with_growth(Declare<Op>& op, double n_min) {
  return op
      .integer("n_min", &Op::n_min, n_min, Range::at_least(1),
               "a node of fewer rows is a leaf (2 in fitted-Q iteration, 5 in plain regression)")
      .number_or("k", &Op::k, {"all"}, 0, Range::at_least(1),
                 "attributes tried at a node: a count, or 'all'")
      .whole()
      .default_text("'all'")
      .choice("draw_order", &Op::draw_order, {"preorder_left_first_attribute_index"}, 0,
              "in which order the uniform numbers are used");
}
template <class Op>
Declare<Op>& with_node_arrays(Declare<Op>& op, const char* nodes) {
  return op.out("feature", &Op::feature, nodes, "attribute tested, −1 in a leaf")
      .sized_by_data()
      .out("threshold", &Op::threshold, nodes, "left where x < threshold; 0 in a leaf")
      .sized_by_data()
      .out("left", &Op::left, nodes, "left child, −1 in a leaf")
      .sized_by_data()
      .out("right", &Op::right, nodes, "right child, −1 in a leaf")
      .sized_by_data()
      .out("value", &Op::value, nodes, "mean output of the node's rows")
      .sized_by_data()
      .out("count", &Op::count, nodes, "rows of the node")
      .sized_by_data();
}

// Weights of the rows that a tree grows from.
template <class Op>
Declare<Op>& with_weights(Declare<Op>& op) {
  return op.in("weight", &Op::weight, "N", "of each row, at least 0; absent: 1")
      .optional()
      .typical(0, 1);
}

// The rule of scikit-learn: sklearn/tree/_tree.pyx at e10edc3, sklearn/ensemble/_forest.py at
// c548c45. Only where trees split and yet decrease nothing it has NaN, and this has 0.
template <class Op>
Declare<Op>& with_importance(Declare<Op>& op) {
  return op
      .out("feature_importance", &Op::feature_importance, "D",
           "of each attribute: by how much its tests decrease the (weighted) squared error, as a "
           "share of the tree's, averaged over the trees that split and normalised to sum 1, as "
           "scikit-learn's feature_importances_; all 0 where no tree splits")
      .on_request();
}

template <class T>
struct TreeFqi {
  In<T, 2> x;
  In<T, 1> rewards, weight;
  In<T, 2> next_x_state;
  Flags<1> terminated;
  In<T, 2> uniforms;
  int64_t n_min;
  NumberOr<TriedAttributes> k;
  DrawOrder draw_order;
  int64_t num_trees, seed;
  double gamma;
  int64_t num_iterations, num_actions, action_column;
  bool freeze_structure;
  Out<T, 1> target_last;
  Out<T, 2> next_q_last;
  Out<T, 1> feature_importance;

  static OpInfo declare() {
    using Op = TreeFqi;
    Declare<Op> op("fitted-q", "extra_trees", Tier::algorithm);
    op.form("fqi")
        .summary("Tree-based fitted-Q iteration: the Q-function is a forest of extremely "
                 "randomised trees over (s, a).")
        .formula("fit on r, then (num_iterations − 1) times: y = r + γ (1 − terminated) max_a "
                 "Q(s',a), fit on y")
        .source("Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR "
                "2005; Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("freeze_structure keeps the trees of the first fit and refreshes their leaves: an "
              "averager, which converges. Given uniforms feed each tree anew in every fit; absent: "
              "drawn by seed. A terminal row never uses its next state. Weights as in form "
              "'forest': a row of weight 0 is in no fit, but has its target and next values; where "
              "all weights are 0, Q is NaN.")
        .flops("num_iterations*num_trees*N*(20*D + 40*A)")
        .where("D", "E+1")
        .in("x", &Op::x, "N,D", "states with the action as one column")
        .in("rewards", &Op::rewards, "N", "r")
        .with(with_weights<Op>)
        .in("next_x_state", &Op::next_x_state, "N,E", "next states, without the action's column")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended in a terminal state")
        .in("uniforms", &Op::uniforms, "M,U", "uniform numbers in [0, 1) for each tree")
        .optional()
        .typical(0, 1);
    return with_growth(op, 2)
        .integer("num_trees", &Op::num_trees, 50, Range::at_least(1), "trees of the forest")
        .size_of("M")
        .integer("seed", &Op::seed, 0, Range::at_least(0), "of the uniform numbers not given")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .integer("num_iterations", &Op::num_iterations, kRequired, Range::at_least(1),
                 "fits, that on r included")
        .integer("num_actions", &Op::num_actions, kRequired, Range::at_least(1),
                 "actions 0 … num_actions − 1")
        .size_of("A")
        .integer("action_column", &Op::action_column, kRequired, Range::at_least(0),
                 "column of x that holds the action")
        .boolean("freeze_structure", &Op::freeze_structure, false,
                 "keep the trees of the first fit")
        .out("target_last", &Op::target_last, "N", "y of the last fit")
        .out("next_q_last", &Op::next_q_last, "N,A", "Q(s',a) after it")
        .with(with_importance<Op>);
  }
};

template <class T>
struct ExtraTree {
  In<T, 2> x;
  In<T, 1> y, weight, uniforms;
  In<T, 2> x_query;
  int64_t n_min;
  NumberOr<TriedAttributes> k;
  DrawOrder draw_order;
  Out<int32_t, 1> feature;
  Out<T, 1> threshold;
  Out<int32_t, 1> left, right;
  Out<T, 1> value;
  Out<int32_t, 1> count;
  Out<T, 1> prediction;
  Out<int32_t, 0> num_uniforms_used;
  Out<T, 1> feature_importance;

  static OpInfo declare() {
    using Op = ExtraTree;
    Declare<Op> op("fitted-q", "extra_trees", Tier::algorithm);
    op.form("tree")
        .summary("One extremely randomised regression tree from given uniform numbers.")
        .formula("for each attribute a random test x < min + u (max − min); the best by (var(TS) − "
                 "|L|/|TS| var(L) − |R|/|TS| var(R))/var(TS)")
        .source("Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("Leaf: fewer than n_min rows, all outputs equal, no attribute that varies, or every "
              "test left a side empty. Equal scores (within 1e-12): the lower attribute. NaN goes "
              "right. Too few uniforms are an error. Weights as in form 'forest'.")
        .flops("20*N*D*20")
        .in("x", &Op::x, "N,D", "attributes")
        .in("y", &Op::y, "N", "outputs")
        .with(with_weights<Op>)
        .in("uniforms", &Op::uniforms, "U", "uniform numbers in [0, 1)")
        .typical(0, 1)
        .in("x_query", &Op::x_query, "Q,D", "rows to predict")
        .optional();
    with_growth(op, 2);
    return with_node_arrays(op, "2*N")
        .out("prediction", &Op::prediction, "Q", "for x_query")
        .needs("x_query")
        .out("num_uniforms_used", &Op::num_uniforms_used, "", "uniform numbers used")
        .with(with_importance<Op>);
  }
};

template <class T>
struct ExtraTreesForest {
  In<T, 2> x;
  In<T, 1> y, weight;
  In<T, 2> x_query;
  int64_t n_min;
  NumberOr<TriedAttributes> k;
  DrawOrder draw_order;
  int64_t num_trees, seed;
  Out<int32_t, 1> feature;
  Out<T, 1> threshold;
  Out<int32_t, 1> left, right;
  Out<T, 1> value;
  Out<int32_t, 1> count, tree_offsets;
  Out<T, 1> prediction, feature_importance;

  static OpInfo declare() {
    using Op = ExtraTreesForest;
    Declare<Op> op("fitted-q", "extra_trees", Tier::algorithm);
    op.form("forest")
        .summary("A forest of extremely randomised regression trees, drawn by seed.")
        .formula("each tree as in form 'tree'; prediction = mean over the trees")
        .source("Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("The numbers drawn depend on seed, tree and node alone: any number of threads grows "
              "the same forest. Children are counted from the first node of their tree. Weights "
              "enter variances and means; n_min and count are of rows. A row of weight 0 is left "
              "out.")
        .flops("20*N*D*20*num_trees")
        .in("x", &Op::x, "N,D", "attributes")
        .in("y", &Op::y, "N", "outputs")
        .with(with_weights<Op>)
        .in("x_query", &Op::x_query, "Q,D", "rows to predict")
        .optional();
    with_growth(op, 5)
        .integer("num_trees", &Op::num_trees, 50, Range::at_least(1), "trees of the forest")
        .size_of("M")
        .integer("seed", &Op::seed, 0, Range::at_least(0), "of the uniform numbers");
    return with_node_arrays(op, "2*M*N")
        .out("tree_offsets", &Op::tree_offsets, "M+1", "first node of each tree, and their number")
        .out("prediction", &Op::prediction, "Q", "for x_query")
        .needs("x_query")
        .with(with_importance<Op>);
  }
};

// The arrays of a forest that a prediction needs.
template <class T>
struct ForestArrays {
  In<int32_t, 1> feature;
  In<T, 1> threshold;
  In<int32_t, 1> right;
  In<T, 1> value;
  In<int32_t, 1> tree_offsets;
};

template <class Op>
Declare<Op>& with_tree_offsets(Declare<Op>& op) {
  return op
      .in("tree_offsets", of<Op>(&Op::tree_offsets), "M+1", "first node of each tree, their number")
      .offsets_to("P");
}
template <class Op>
Declare<Op>& with_forest(Declare<Op>& op) {
  op.in("feature", of<Op>(&Op::feature), "P", "attribute tested, −1 in a leaf")
      .in("threshold", of<Op>(&Op::threshold), "P", "left where x < threshold")
      .in("right", of<Op>(&Op::right), "P", "right child, counted from the first node of its tree")
      .in("value", of<Op>(&Op::value), "P", "value of a leaf");
  return with_tree_offsets(op);
}

template <class T>
struct ExtraTreesRefit : ForestArrays<T> {
  In<T, 2> x;
  In<T, 1> y, weight;
  Out<T, 1> new_value, feature_importance;

  static OpInfo declare() {
    using Op = ExtraTreesRefit;
    Declare<Op> op("fitted-q", "extra_trees", Tier::algorithm);
    return op.form("refit")
        .summary("New values for the nodes of a forest whose tests stay.")
        .formula("new_value = mean of y over the rows that reach the node")
        .source("Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR "
                "2005 (the trees of fitted-Q iteration frozen)")
        .edge("Nodes are in pre-order: the left child of a node is the next one. NaN goes right. A "
              "node that no row (of weight above 0) reaches keeps its value. With such values "
              "fitted-Q iteration is an averager.")
        .flops("20*N*M")
        .with(with_forest<Op>)
        .in("x", &Op::x, "N,D", "attributes")
        .in("y", &Op::y, "N", "outputs")
        .with(with_weights<Op>)
        .out("new_value", &Op::new_value, "P", "of every node, inner ones included")
        .with(with_importance<Op>);
  }
};

template <class T>
struct ExtraTreesPack : ForestArrays<T> {
  int64_t num_features;
  Out<int32_t, 2> nodes;

  static OpInfo declare() {
    using Op = ExtraTreesPack;
    return Declare<Op>("fitted-q", "extra_trees_pack", Tier::data)
        .summary("Checks a forest that extra_trees has grown and packs it for many predictions.")
        .formula("four words a node: threshold (of a leaf: its value) as float64, the low word "
                 "first; attribute; how many nodes further the right child is, 0 in a leaf")
        .source("Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("Nodes are in pre-order: the left child of a node is the next one. A node that tests "
              "an unknown attribute or leads out of its tree is an error.")
        .flops("P")
        .with(with_forest<Op>)
        .integer("num_features", &Op::num_features, kRequired, Range::at_least(0),
                 "attributes of a row")
        .out("nodes", &Op::nodes, "P,4", "the packed nodes, for extra_trees_predict");
  }
};

template <class T>
struct ExtraTreesPredict : ForestArrays<T> {
  In<T, 2> x_query;
  Out<T, 1> prediction;

  static OpInfo declare() {
    using Op = ExtraTreesPredict;
    return Declare<Op>("fitted-q", "extra_trees_predict", Tier::data)
        .form("arrays")
        .summary("Predictions of a forest that extra_trees has grown.")
        .formula("mean over the trees of the value of the leaf reached; left where x < threshold")
        .source("Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("Nodes are in pre-order: the left child of a node is the next one. NaN goes right. "
              "Without trees the prediction is NaN; an empty tree adds nothing. Every call checks "
              "the whole forest: for many calls extra_trees_pack does it once.")
        .flops("20*Q*M")
        .with(with_forest<Op>)
        .in("x_query", &Op::x_query, "Q,D", "rows to predict")
        .out("prediction", &Op::prediction, "Q", "of each row");
  }
};

template <class T>
struct PackedTreesPredict {
  In<int32_t, 2> nodes;
  In<int32_t, 1> tree_offsets;
  In<T, 2> x_query;
  Out<T, 1> prediction;

  static OpInfo declare() {
    using Op = PackedTreesPredict;
    return Declare<Op>("fitted-q", "extra_trees_predict", Tier::data)
        .form("packed")
        .summary("Predictions of a forest that extra_trees_pack has checked and packed.")
        .formula("mean over the trees of the value of the leaf reached; left where x < threshold")
        .source("Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006")
        .edge("The same bits as form 'arrays'. A node that tests an attribute beyond those of "
              "x_query or leads out of its tree counts as a leaf of value NaN.")
        .flops("20*Q*M")
        .in("nodes", &Op::nodes, "P,4", "from extra_trees_pack")
        .with(with_tree_offsets<Op>)
        .in("x_query", &Op::x_query, "Q,D", "rows to predict")
        .out("prediction", &Op::prediction, "Q", "of each row");
  }
};

}  // namespace belfry
