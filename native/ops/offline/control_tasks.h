// Control tasks of family `offline`: the first states of episodes and one step of a batch, a form
// for each task, whose sizes are its own.
#pragma once

#include <type_traits>

#include "ops/op.h"

namespace belfry {

// The word of the one task that a form is for.
enum class ControlTaskWord : int32_t { own };

// What the declarations and the kernels of a task share. `kActionSize` is 0 where actions are
// indices below `kNumActions`.
struct PendulumTask {
  static constexpr const char* kName = "pendulum";
  static constexpr const char* kPick = "task=pendulum";
  static constexpr const char *kStates = "B,2", *kObservations = "B,3", *kActions = "B,1";
  static constexpr const char* kNumActionsText = "0";
  static constexpr int kStateSize = 2, kObservationSize = 3, kActionSize = 1, kNumActions = 0;
  static constexpr const char* kFlops = "60*B";
  static constexpr int kWork = 60;
  static constexpr const char* kStart = "θ uniform in [−π, π), θ̇ in [−1, 1)";
  static constexpr const char* kFormula =
      "r = −(wrap(θ)² + 0.1 θ̇² + 0.001 u²), u clipped to ±2;  θ̇' = clip(θ̇ + (15 sin θ + 3u) 0.05, "
      "±8);  θ' = θ + 0.05 θ̇'";
  static constexpr const char* kSource = "Gymnasium, Pendulum-v1 (g = 10, m = l = 1)";
  static constexpr const char* kEdge =
      "States are (θ, θ̇), observations (cos θ, sin θ, θ̇). Never terminates. NaN in an action is "
      "NaN in the state and the reward of its row.";
};

struct MountainCarTask {
  static constexpr const char* kName = "mountain_car";
  static constexpr const char* kPick = "task=mountain_car";
  static constexpr const char *kStates = "B,2", *kObservations = "B,2", *kActions = "B";
  static constexpr const char* kNumActionsText = "3";
  static constexpr int kStateSize = 2, kObservationSize = 2, kActionSize = 0, kNumActions = 3;
  static constexpr const char* kFlops = "40*B";
  static constexpr int kWork = 40;
  static constexpr const char* kStart = "position uniform in [−0.6, −0.4), velocity 0";
  static constexpr const char* kFormula =
      "v' = clip(v + 0.001 (a − 1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at the "
      "left wall v' ≥ 0;  r = −1";
  static constexpr const char* kSource = "Moore 1990; Gymnasium, MountainCar-v0";
  static constexpr const char* kEdge =
      "States and observations are (position p, velocity v); actions push left, not at all, right. "
      "Terminates where p' ≥ 0.5 and v' ≥ 0.";
};

struct MountainCarContinuousTask {
  static constexpr const char* kName = "mountain_car_continuous";
  static constexpr const char* kPick = "task=mountain_car_continuous";
  static constexpr const char *kStates = "B,2", *kObservations = "B,2", *kActions = "B,1";
  static constexpr const char* kNumActionsText = "0";
  static constexpr int kStateSize = 2, kObservationSize = 2, kActionSize = 1, kNumActions = 0;
  static constexpr const char* kFlops = "40*B";
  static constexpr int kWork = 40;
  static constexpr const char* kStart = "position uniform in [−0.6, −0.4), velocity 0";
  static constexpr const char* kFormula =
      "v' = clip(v + 0.0015 clip(a, ±1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at "
      "the left wall v' ≥ 0;  r = 100 at the goal, less 0.1 a²";
  static constexpr const char* kSource = "Moore 1990; Gymnasium, MountainCarContinuous-v0";
  static constexpr const char* kEdge =
      "States and observations are (position p, velocity v). "
      "Terminates where p' ≥ 0.45 and v' ≥ 0. "
      "The reward takes the action before it is clipped, as "
      "Gymnasium does; it also rounds the state to float32 "
      "after every step, which is not done here. NaN in an action is NaN "
      "in the state and the reward of its row.";
};

struct CartPoleTask {
  static constexpr const char* kName = "cart_pole";
  static constexpr const char* kPick = "task=cart_pole";
  static constexpr const char *kStates = "B,4", *kObservations = "B,4", *kActions = "B";
  static constexpr const char* kNumActionsText = "2";
  static constexpr int kStateSize = 4, kObservationSize = 4, kActionSize = 0, kNumActions = 2;
  static constexpr const char* kFlops = "70*B";
  static constexpr int kWork = 70;
  static constexpr const char* kStart = "all four uniform in [−0.05, 0.05)";
  static constexpr const char* kFormula =
      "f = ±10;  t = (f + 0.05 θ̇² sin θ)/1.1;  θ̈ = (9.8 sin θ − t cos θ)/(0.5 (4/3 − 0.1 cos² "
      "θ/1.1));  ẍ = t − 0.05 θ̈ cos θ/1.1;  Euler steps of 0.02;  r = 1";
  static constexpr const char* kSource =
      "Barto, Sutton & Anderson 1983; Gymnasium, CartPole-v1 (Euler)";
  static constexpr const char* kEdge =
      "States and observations are (x, ẋ, θ, θ̇); action 0 pushes left, 1 right. Terminates where "
      "|x'| > 2.4 or |θ'| > 12°. A step from a state that is beyond already has reward 0.";
};

struct AcrobotTask {
  static constexpr const char* kName = "acrobot";
  static constexpr const char* kPick = "task=acrobot";
  static constexpr const char *kStates = "B,4", *kObservations = "B,6", *kActions = "B";
  static constexpr const char* kNumActionsText = "3";
  static constexpr int kStateSize = 4, kObservationSize = 6, kActionSize = 0, kNumActions = 3;
  static constexpr const char* kFlops = "500*B";
  static constexpr int kWork = 500;
  static constexpr const char* kStart = "all four uniform in [−0.1, 0.1)";
  static constexpr const char* kFormula =
      "the equations of motion of the book, torque a − 1, one Runge-Kutta step of order 4 and 0.2 "
      "s; "
      "then angles wrapped to ±π, velocities clipped to ±4π and ±9π;  r = −1, 0 at the goal";
  static constexpr const char* kSource =
      "Sutton & Barto, Reinforcement Learning, first edition, 1998, section 11.3; Gymnasium, "
      "Acrobot-v1";
  static constexpr const char* kEdge =
      "States are (θ₁, θ₂, θ̇₁, θ̇₂), observations (cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂). "
      "Terminates where −cos θ₁ − cos(θ₁ + θ₂) > 1.";
};

struct CarOnTheHillTask {
  static constexpr const char* kName = "car_on_the_hill";
  static constexpr const char* kPick = "task=car_on_the_hill";
  static constexpr const char *kStates = "B,2", *kObservations = "B,2", *kActions = "B";
  static constexpr const char* kNumActionsText = "2";
  static constexpr int kStateSize = 2, kObservationSize = 2, kActionSize = 0, kNumActions = 2;
  static constexpr const char* kFlops = "4000*B";
  static constexpr int kWork = 4000;
  static constexpr const char* kStart = "p = −0.5, s = 0";
  static constexpr const char* kFormula = "H(p) = p² + p for p < 0, p/√(1 + 5p²) otherwise;  ṗ = "
                                          "s;  ṡ = (u − 9.81 H' − s² H' H'')/(1 + "
                                          "H'²), u = ±4;  100 Euler steps of 0.001 s;  r = −1 "
                                          "where p' < −1 or |s'| > 3, 1 where p' > 1, "
                                          "else 0";
  static constexpr const char* kSource = "Ernst, Geurts & Wehenkel, Tree-Based Batch Mode "
                                         "Reinforcement Learning, JMLR 6, 2005, section "
                                         "5.3 and appendix C.2 (there with γ = 0.95)";
  static constexpr const char* kEdge =
      "States and observations are (position p, speed s); action 0 is u = −4, 1 is u = 4. "
      "Terminates where |p'| > 1 or |s'| > 3.";
};

struct MultiGoalTask {
  static constexpr const char* kName = "multi_goal";
  static constexpr const char* kPick = "task=multi_goal";
  static constexpr const char *kStates = "B,2", *kObservations = "B,2", *kActions = "B,2";
  static constexpr const char* kNumActionsText = "0";
  static constexpr int kStateSize = 2, kObservationSize = 2, kActionSize = 2, kNumActions = 0;
  static constexpr const char* kFlops = "50*B";
  static constexpr int kWork = 50;
  static constexpr const char* kStart = "both coordinates normal, mean 0, deviation 0.1";
  static constexpr const char* kFormula = "x' = clip(x + clip(a, ±1), ±7);  d² = least squared "
                                          "distance of x' to (±5, 0), (0, ±5);  r = "
                                          "−30 |clip(a)|² − d², and 10 more where d < 1";
  static constexpr const char* kSource =
      "Haarnoja et al., Reinforcement Learning with Deep Energy-Based Policies, arXiv 1702.08165; "
      "the numbers are those of its code (haarnoja/softqlearning, environments/multigoal.py)";
  static constexpr const char* kEdge = "States and observations are the position, actions a "
                                       "velocity. Terminates where d < 1. NaN in "
                                       "an action is NaN in its coordinate and in the reward.";
};

template <class T, class Task>
struct ControlReset {
  ControlTaskWord task;
  int64_t count, seed, first_index;
  Out<T, 2> states, observations;

  static OpInfo declare() {
    using Op = ControlReset;
    return Declare<Op>("offline", "control_reset", Tier::algorithm)
        .form(Task::kName, Task::kPick)
        .summary("First states of episodes of a control task.")
        .formula(Task::kStart)
        .source(Task::kSource)
        .edge(
            "Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 "
            "of (i, seed), 32 random bits a number. Float64, on the host.")
        .flops("20*B")
        .choice("task", &Op::task, {Task::kName}, 0, "the task")
        .integer("count", &Op::count, kRequired, Range::at_least(0), "starts to make")
        .size_of("B")
        .integer("seed", &Op::seed, 0, Range::at_least(0), "random stream")
        .integer("first_index", &Op::first_index, 0, Range::at_least(0),
                 "number of the first start")
        .out("states", &Op::states, Task::kStates, "first state of each episode")
        .out("observations", &Op::observations, Task::kObservations, "what is seen of it");
  }
};

template <class T, class Task>
struct ControlStep {
  static constexpr bool kDiscrete = Task::kActionSize == 0;

  In<T, 2> states;
  std::conditional_t<kDiscrete, In<int32_t, 1>, In<T, 2>> actions;
  ControlTaskWord task;
  double action_scale;
  Out<T, 2> next_states, observations;
  Out<T, 1> rewards;
  Out<uint8_t, 1> terminated;

  static OpInfo declare() {
    using Op = ControlStep;
    return Declare<Op>("offline", "control_step", Tier::data)
        .form(Task::kName, Task::kPick)
        .summary("One step of a batch of control tasks.")
        .formula(Task::kFormula)
        .source(Task::kSource)
        .edge(Task::kEdge)
        .flops(Task::kFlops)
        .in("states", &Op::states, Task::kStates, "state of each task")
        .with(actions_of)
        .choice("task", &Op::task, {Task::kName}, 0, "the task")
        .with(scale_of)
        .out("next_states", &Op::next_states, Task::kStates,
             "state after the step; may be the array of `states`")
        .may_alias("states")
        .out("observations", &Op::observations, Task::kObservations, "what is seen of it")
        .out("rewards", &Op::rewards, "B", "reward of the step")
        .out("terminated", &Op::terminated, "B",
             "1 = the task ended; time limits are the caller's");
  }

 private:
  static void actions_of(Declare<ControlStep>& declaration) {
    if constexpr (kDiscrete) {
      declaration.where("A", Task::kNumActionsText)
          .in("actions", &ControlStep::actions, Task::kActions, "action of each task")
          .index_below("A");
    } else {
      declaration
          .in("actions", &ControlStep::actions, Task::kActions,
              "action of each task, in the task's own units after `action_scale`")
          .typical(-1, 1);
    }
  }
  static void scale_of(Declare<ControlStep>& declaration) {
    if constexpr (!kDiscrete) {
      declaration.number("action_scale", &ControlStep::action_scale, 1.0, Range::any(),
                         "factor of every action, before anything else");
    }
  }
};

// `Each` of a task, for the lists.
template <template <class, class> class Each>
struct ForControlTasks {
  template <class T>
  using Pendulum = Each<T, PendulumTask>;
  template <class T>
  using MountainCar = Each<T, MountainCarTask>;
  template <class T>
  using MountainCarContinuous = Each<T, MountainCarContinuousTask>;
  template <class T>
  using CartPole = Each<T, CartPoleTask>;
  template <class T>
  using Acrobot = Each<T, AcrobotTask>;
  template <class T>
  using CarOnTheHill = Each<T, CarOnTheHillTask>;
  template <class T>
  using MultiGoal = Each<T, MultiGoalTask>;

  using Ops = OpList<Pendulum, MountainCar, MountainCarContinuous, CartPole, Acrobot, CarOnTheHill,
                     MultiGoal>;
};

using OfflineControlOps = ForControlTasks<ControlStep>::Ops;
using OfflineControlHostOps = ForControlTasks<ControlReset>::Ops;

// What defines a kernel's entries, for every task.
#define BELFRY_FOR_CONTROL_TASKS(Define)                                         \
  Define(PendulumTask) Define(MountainCarTask) Define(MountainCarContinuousTask) \
      Define(CartPoleTask) Define(AcrobotTask) Define(CarOnTheHillTask) Define(MultiGoalTask)

}  // namespace belfry
