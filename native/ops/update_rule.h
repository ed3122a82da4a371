// The update rule of an optimiser and its numbers, as parameters of an op.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class StepOptimizer : int32_t { adam, rprop, sgd };

// A base of ops that take a step of an optimiser; math/update_rule.h makes the rule.
struct UpdateRule {
  StepOptimizer optimizer;
  int64_t step;
  double lr, beta1, beta2, eps, weight_decay, momentum;
  bool nesterov;
  NullableNumber max_grad_norm;
  double eta_minus, eta_plus, step_min, step_max;
};

template <class Op>
Declare<Op>& with_update_rule(Declare<Op>& op) {
  const Range decay{0, 1, false, true}, shrink{0, 1, true, true};
  return op.choice("optimizer", of<Op>(&Op::optimizer), {"adam", "rprop", "sgd"}, 0, "update rule")
      .integer("step", &Op::step, 1, Range::at_least(1), "number of this step, for adam")
      .number("lr", &Op::lr, 1e-3, Range::at_least(0), "learning rate of adam and sgd")
      .number("beta1", &Op::beta1, 0.9, decay, "adam: decay of the mean gradient")
      .number("beta2", &Op::beta2, 0.999, decay, "adam: decay of the mean square")
      .number("eps", &Op::eps, 1e-8, Range::at_least(0), "adam: ε, outside the root")
      .number("weight_decay", &Op::weight_decay, 0.0, Range::at_least(0),
              "adam: decoupled (AdamW); sgd: times w, added to the gradient")
      .number("momentum", &Op::momentum, 0.0, decay, "sgd: share of the velocity that stays")
      .boolean("nesterov", &Op::nesterov, false, "sgd: look one step ahead")
      .nullable("max_grad_norm", &Op::max_grad_norm, 0.0, Range::above(0),
                "largest norm of all gradients together")
      .null_default()
      .number("eta_minus", &Op::eta_minus, 0.5, shrink, "rprop: shrinks a step size")
      .number("eta_plus", &Op::eta_plus, 1.2, Range::above(1), "rprop: grows it")
      .number("step_min", &Op::step_min, 1e-6, Range::at_least(0), "rprop: smallest step size")
      .number("step_max", &Op::step_max, 50.0, Range::at_least(0), "rprop: largest step size");
}

}  // namespace belfry
