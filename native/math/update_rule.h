// The rule of math/optimizer.h that an op asks for.
#pragma once

#include "math/optimizer.h"
#include "ops/update_rule.h"

namespace belfry::math {

// use(rule) with the rule of this step.
template <class T, class Use>
void with_update_rule(const UpdateRule& op, const Use& use) {
  switch (op.optimizer) {
    case StepOptimizer::rprop:
      return use(RpropRule<T>{static_cast<T>(op.eta_minus), static_cast<T>(op.eta_plus),
                              static_cast<T>(op.step_min), static_cast<T>(op.step_max)});
    case StepOptimizer::sgd:
      return use(SgdRule<T>{static_cast<T>(op.lr), static_cast<T>(op.momentum),
                            static_cast<T>(op.weight_decay), op.nesterov});
    case StepOptimizer::adam:
      return use(adam_rule<T>({op.lr, op.beta1, op.beta2, op.eps, 0, op.weight_decay}, op.step));
  }
}

}  // namespace belfry::math
