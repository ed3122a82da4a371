// Fields that the training steps of flow and diffusion policies share: transitions, networks with
// those that follow them, Adam.
#pragma once

#include "ops/flow/network.h"

namespace belfry {

#define BELFRY_TRAIN_STEP_EDGE                                                                    \
  "Critics first: the policy sees the new ones. Without moments this is the first step of "       \
  "Adam. Targets follow in every call; leave their outputs out where they should not. `out` may " \
  "be the operands themselves: in place. "

// A network, the one that follows it (its target or average), and what a step makes of both.
template <class T>
struct TrainedNetwork {
  Layers<T> now, follower;
  NewLayers<T> next, next_follower;
};

template <class Op>
void add_transitions(Declare<Op>& d) {
  d.in("observations", &Op::observations, "B,S", "states s")
      .in("actions", &Op::actions, "B,D", "data a")
      .in("rewards", &Op::rewards, "B", "r")
      .in("next_observations", &Op::next_observations, "B,S", "next states s'")
      .flags("terminated", &Op::terminated, "B", "1 = the episode ended; absent: none did")
      .optional();
}

// A trunk over an action, a time and the state, and the network of the time.
template <class T, class Op>
void add_timed_policy(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.network("trunk", &Op::trunk, &Net::now, "h", "policy network")
      .network("tmlp", &Op::tmlp, &Net::now, "p", "network of e_t")
      .where("h[Lh]", "D")
      .where("p[0]", "E");
}
template <class T, class Op>
void add_timed_average(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.network("ema_trunk", &Op::trunk, &Net::follower, "h", "average of the policy network")
      .network("ema_tmlp", &Op::tmlp, &Net::follower, "p", "average of the network of e_t");
}
template <class T, class Op>
void add_new_timed_policy(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.new_network("new_trunk", &Op::trunk, &Net::next, "h", "trunk",
                "the policy network after the step")
      .new_network("new_tmlp", &Op::tmlp, &Net::next, "p", "tmlp",
                   "the network of e_t after the step");
}
template <class T, class Op>
void add_new_timed_average(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.new_network("new_ema_trunk", &Op::trunk, &Net::next_follower, "h", "ema_trunk",
                "the average of the policy network")
      .new_network("new_ema_tmlp", &Op::tmlp, &Net::next_follower, "p", "ema_tmlp",
                   "the average of the network of e_t");
}

template <class T, class Op>
void add_critics(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.where("c[0]", "S+D")
      .where("d[0]", "S+D")
      .where("c[Lc]", "1")
      .where("d[Ld]", "1")
      .network("critic1", &Op::critic1, &Net::now, "c", "first critic")
      .network("target_critic1", &Op::critic1, &Net::follower, "c", "target of the first critic")
      .network("critic2", &Op::critic2, &Net::now, "d", "second critic")
      .network("target_critic2", &Op::critic2, &Net::follower, "d", "target of the second critic");
}

template <class T, class Op>
void add_new_critics(Declare<Op>& d) {
  using Net = TrainedNetwork<T>;
  d.new_network("new_critic1", &Op::critic1, &Net::next, "c", "critic1",
                "the first critic after the step")
      .new_network("new_critic2", &Op::critic2, &Net::next, "d", "critic2",
                   "the second critic after the step")
      .new_network("new_target_critic1", &Op::critic1, &Net::next_follower, "c", "target_critic1",
                   "the target of the first critic, which follows")
      .new_network("new_target_critic2", &Op::critic2, &Net::next_follower, "d", "target_critic2",
                   "the target of the second critic, which follows");
}

// `policy` is the number of the policy's parameters in sizes, `order` its networks in words.
template <class Op>
void add_moments(Declare<Op>& d, const char* policy, const char* order) {
  d.where("Np", policy)
      .where("Nc", "c[*]+d[*]")
      .in("policy_moments", &Op::policy_moments, "2,Np", order)
      .optional()
      .in("critic_moments", &Op::critic_moments, "2,Nc", "Adam's m and v of both critics")
      .optional();
}

template <class Op>
void add_new_moments(Declare<Op>& d) {
  d.out("new_policy_moments", &Op::new_policy_moments, "2,Np", "m and v after the step")
      .needs("policy_moments")
      .may_alias("policy_moments")
      .out("new_critic_moments", &Op::new_critic_moments, "2,Nc", "m and v after the step")
      .needs("critic_moments")
      .may_alias("critic_moments");
}

template <class Op>
void add_discount(Declare<Op>& d) {
  d.number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
      .number("tau", &Op::tau, 0.005, Range::closed(0, 1), "share of the critics in their targets");
}

template <class Op>
void add_ema(Declare<Op>& d) {
  d.number("ema_decay", &Op::ema_decay, 0.995, Range::closed(0, 1), "decay of the average");
}

template <class Op>
void add_adam(Declare<Op>& d) {
  d.number("lr", &Op::lr, 3e-4, Range::any(), "learning rate")
      .number("beta1", &Op::beta1, 0.9, Range{0, 1, false, true}, "decay of m")
      .number("beta2", &Op::beta2, 0.999, Range{0, 1, false, true}, "decay of v")
      .number("adam_eps", &Op::adam_eps, 1e-8, Range::at_least(0), "ε of Adam")
      .nullable("grad_clip", &Op::grad_clip, 1.0, Range::above(0),
                "largest gradient norm, of both critics and of the policy; null: no limit")
      .null_default()
      .integer("step", &Op::step, 1, Range::at_least(1), "number of this step, from 1");
}

// η and which critic is climbed.
template <class Op>
void add_q_loss(Declare<Op>& d) {
  d.number("eta", &Op::eta, 1.0, Range::any(), "weight η of the Q loss")
      .integer("q_loss_critic", &Op::q_loss_critic, 1, Range::closed(1, 2),
               "critic of the Q loss; the other one is its normaliser");
}

template <class Op>
void add_draws(Declare<Op>& d) {
  d.integer("max_q_backup", &Op::max_q_backup, 0, Range::at_least(0),
            "number of draws M; 0: as next_noise has them")
      .size_of("M");
}

template <class Op>
void add_critic_reports(Declare<Op>& d) {
  d.out("next_actions", &Op::next_actions, "B*M,D", "a', the draws of a state together")
      .out("target", &Op::target, "B", "y")
      .out("critic_loss", &Op::critic_loss, "", "loss of both critics")
      .out("critic_grad_norm", &Op::critic_grad_norm, "", "norm of its gradient, before the clip");
}

template <class Op>
void add_actor_reports(Declare<Op>& d) {
  d.out("policy_action", &Op::policy_action, "B,D", "ã")
      .out("q_loss", &Op::q_loss, "", "what climbs the critics")
      .out("actor_loss", &Op::actor_loss, "", "the policy's losses together")
      .out("actor_grad_norm", &Op::actor_grad_norm, "", "norm of its gradient, before the clip");
}

}  // namespace belfry
