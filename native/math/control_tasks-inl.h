// The equations of the control tasks. V is float or double, or the CPU kernels' Vec<T>; included as
// surrogate-inl.h is, after MaskOf<V>, ScalarOf<V>, select, clamp, floor, sqrt, sincos and
// BELFRY_FORMULA.

// What a step makes of a task; `state` holds the task's kStateSize numbers.
template <class V>
struct ControlResult {
  V state[4];
  V reward;
  MaskOf<V> terminated;
};

template <class V>
BELFRY_FORMULA V constant(double x) {
  return V(static_cast<ScalarOf<V>>(x));
}

// x less the multiple of 2π that leaves it in [−π, π).
template <class V>
BELFRY_FORMULA V wrapped_angle(V x) {
  constexpr double kPi = 3.14159265358979323846;
  const V shifted = x + constant<V>(kPi);
  return shifted - constant<V>(2 * kPi) * floor(shifted / constant<V>(2 * kPi)) - constant<V>(kPi);
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(PendulumTask, const V* state, const V* action) {
  const V theta = state[0], speed = state[1];
  const V torque = clamp(action[0], constant<V>(-2), constant<V>(2));
  const V angle = wrapped_angle(theta);
  const V cost =
      angle * angle + constant<V>(0.1) * (speed * speed) + constant<V>(0.001) * (torque * torque);
  const V pull = constant<V>(15) * sincos(theta).sin + constant<V>(3) * torque;
  const V next_speed = clamp(speed + pull * constant<V>(0.05), constant<V>(-8), constant<V>(8));
  const V next_theta = theta + next_speed * constant<V>(0.05);
  const MaskOf<V> never = cost < constant<V>(0);
  return {{next_theta, next_speed}, -cost, never};
}

// Both mountain cars, from the push on.
template <class V>
BELFRY_FORMULA ControlResult<V> move_car(const V* state, V push, double goal) {
  const V zero = constant<V>(0), wall = constant<V>(-1.2), fastest = constant<V>(0.07);
  const V pull = sincos(constant<V>(3) * state[0]).cos * constant<V>(-0.0025);
  const V rolled = clamp(state[1] + (push + pull), -fastest, fastest);
  const V position = clamp(state[0] + rolled, wall, constant<V>(0.6));
  const V speed = select((position == wall) & (rolled < zero), zero, rolled);
  const MaskOf<V> arrived = (position >= constant<V>(goal)) & (speed >= zero);
  return {{position, speed}, constant<V>(-1), arrived};
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(MountainCarTask, const V* state, const V* action) {
  return move_car(state, (action[0] - constant<V>(1)) * constant<V>(0.001), 0.5);
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(MountainCarContinuousTask, const V* state,
                                             const V* action) {
  const V push = clamp(action[0], constant<V>(-1), constant<V>(1));
  ControlResult<V> result = move_car(state, push * constant<V>(0.0015), 0.45);
  result.reward = select(result.terminated, constant<V>(100), constant<V>(0)) -
                  action[0] * action[0] * constant<V>(0.1);
  return result;
}

template <class V>
BELFRY_FORMULA MaskOf<V> pole_is_lost(const V* state) {
  const V furthest = constant<V>(2.4), steepest = constant<V>(0.20943951023931953);  // 12 degrees
  return (state[0] < -furthest) | (state[0] > furthest) | (state[2] < -steepest) |
         (state[2] > steepest);
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(CartPoleTask, const V* state, const V* action) {
  const V one = constant<V>(1), tau = constant<V>(0.02);
  const V total_mass = constant<V>(1.1), pole = constant<V>(0.05);
  const V force = select(action[0] == one, constant<V>(10), constant<V>(-10));
  const auto turn = sincos(state[2]);
  const V push = (force + pole * (state[3] * state[3]) * turn.sin) / total_mass;
  const V inertia = constant<V>(4.0 / 3.0) - constant<V>(0.1) * (turn.cos * turn.cos) / total_mass;
  const V turning = (constant<V>(9.8) * turn.sin - turn.cos * push) / (constant<V>(0.5) * inertia);
  const V rolling = push - pole * turning * turn.cos / total_mass;
  const V next[4] = {state[0] + tau * state[1], state[1] + tau * rolling, state[2] + tau * state[3],
                     state[3] + tau * turning};
  return {{next[0], next[1], next[2], next[3]},
          select(pole_is_lost(state), constant<V>(0), one),
          pole_is_lost(next)};
}

// Time derivatives of (θ₁, θ₂, θ̇₁, θ̇₂): links of length and mass 1, centre of mass at 0.5, moment
// of inertia 1, g = 9.8. The cosines of θ − π/2 are sines.
template <class V>
BELFRY_FORMULA void acrobot_slopes(const V* state, V torque, V* slopes) {
  const V one = constant<V>(1), half = constant<V>(0.5), g = constant<V>(9.8);
  const auto second = sincos(state[1]);
  const V speed1 = state[2], speed2 = state[3];
  const V d1 = constant<V>(0.25) + (constant<V>(1.25) + second.cos) + one + one;
  const V d2 = constant<V>(0.25) + half * second.cos + one;
  const V phi2 = half * g * sincos(state[0] + state[1]).sin;
  const V phi1 = -half * speed2 * speed2 * second.sin - speed2 * speed1 * second.sin +
                 constant<V>(1.5) * g * sincos(state[0]).sin + phi2;
  const V acceleration2 = (torque + d2 / d1 * phi1 - half * speed1 * speed1 * second.sin - phi2) /
                          (constant<V>(1.25) - d2 * d2 / d1);
  slopes[0] = speed1;
  slopes[1] = speed2;
  slopes[2] = -(d2 * acceleration2 + phi1) / d1;
  slopes[3] = acceleration2;
}

// x in [−π, π] stays as it is; others lose multiples of 2π.
template <class V>
BELFRY_FORMULA V wrap_if_outside(V x) {
  const V pi = constant<V>(3.14159265358979323846), turn = constant<V>(6.28318530717958647693);
  const V above = x + turn * floor((pi - x) / turn);
  const V below = x - turn * floor((pi + x) / turn);
  return select(x > pi, above, select(x < -pi, below, x));
}

// y = x + factor · slopes
template <class V>
BELFRY_FORMULA void moved(const V* x, const V* slopes, V factor, V* y) {
  for (int i = 0; i < 4; ++i) y[i] = x[i] + factor * slopes[i];
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(AcrobotTask, const V* state, const V* action) {
  constexpr double kPi = 3.14159265358979323846;
  const V torque = action[0] - constant<V>(1), two = constant<V>(2);
  const V half_step = constant<V>(0.1), step = constant<V>(0.2);
  V k1[4], k2[4], k3[4], k4[4], at[4];
  acrobot_slopes(state, torque, k1);
  moved(state, k1, half_step, at);
  acrobot_slopes(at, torque, k2);
  moved(state, k2, half_step, at);
  acrobot_slopes(at, torque, k3);
  moved(state, k3, step, at);
  acrobot_slopes(at, torque, k4);
  for (int i = 0; i < 4; ++i) k1[i] = k1[i] + two * k2[i] + two * k3[i] + k4[i];
  moved(state, k1, step / constant<V>(6), at);
  const V theta1 = wrap_if_outside(at[0]), theta2 = wrap_if_outside(at[1]);
  const V speed1 = clamp(at[2], constant<V>(-4 * kPi), constant<V>(4 * kPi));
  const V speed2 = clamp(at[3], constant<V>(-9 * kPi), constant<V>(9 * kPi));
  const V height = -sincos(theta1).cos - sincos(theta2 + theta1).cos;
  const MaskOf<V> up = height > constant<V>(1);
  return {{theta1, theta2, speed1, speed2}, select(up, constant<V>(0), constant<V>(-1)), up};
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(CarOnTheHillTask, const V* state, const V* action) {
  const V zero = constant<V>(0), one = constant<V>(1), two = constant<V>(2);
  const V thrust = select(action[0] == one, constant<V>(4), constant<V>(-4));
  const V step = constant<V>(0.001);
  V position = state[0], speed = state[1];
  BELFRY_ROLLED for (int i = 0; i < 100; ++i) {
    const MaskOf<V> left = position < zero;
    const V w = one + constant<V>(5) * (position * position);
    const V cubed = one / (w * sqrt(w));  // w^(−3/2)
    const V slope = select(left, two * position + one, cubed);
    const V bend = select(left, two, constant<V>(-15) * position * cubed / w);
    const V pull = thrust - constant<V>(9.81) * slope - speed * speed * slope * bend;
    const V gained = pull / (one + slope * slope);
    position = position + step * speed;
    speed = speed + step * gained;
  }
  const MaskOf<V> fast = (speed > constant<V>(3)) | (speed < constant<V>(-3));
  const MaskOf<V> lost = (position < -one) | fast, over = position > one, ended = lost | over;
  const V reward = select(lost, -one, select(over, one, zero));
  return {{position, speed}, reward, ended};
}

// The squared distance to the nearest of (±5, 0) and (0, ±5); NaN where a coordinate is.
template <class V>
BELFRY_FORMULA V goal_distance2(V x, V y) {
  const V five = constant<V>(5);
  const V to_right = (x - five) * (x - five) + y * y, to_left = (x + five) * (x + five) + y * y;
  const V to_top = x * x + (y - five) * (y - five), to_bottom = x * x + (y + five) * (y + five);
  const V across = select(to_left < to_right, to_left, to_right);
  const V along = select(to_bottom < to_top, to_bottom, to_top);
  return select(along < across, along, across);
}

template <class V>
BELFRY_FORMULA ControlResult<V> control_step(MultiGoalTask, const V* state, const V* action) {
  const V one = constant<V>(1), seven = constant<V>(7);
  const V move_x = clamp(action[0], -one, one), move_y = clamp(action[1], -one, one);
  const V x = clamp(state[0] + move_x, -seven, seven);
  const V y = clamp(state[1] + move_y, -seven, seven);
  const V distance2 = goal_distance2(x, y);
  const MaskOf<V> there = distance2 < one;
  const V cost = constant<V>(30) * (move_x * move_x + move_y * move_y) + distance2;
  return {{x, y}, select(there, constant<V>(10), constant<V>(0)) - cost, there};
}

// Where a task shows its state as it is.
template <class V, class Task>
BELFRY_FORMULA void control_observe(Task, const V* state, V* seen) {
  static_assert(Task::kObservationSize == Task::kStateSize);
  for (int i = 0; i < Task::kStateSize; ++i) seen[i] = state[i];
}

template <class V>
BELFRY_FORMULA void control_observe(PendulumTask, const V* state, V* seen) {
  const auto turn = sincos(state[0]);
  seen[0] = turn.cos;
  seen[1] = turn.sin;
  seen[2] = state[1];
}

template <class V>
BELFRY_FORMULA void control_observe(AcrobotTask, const V* state, V* seen) {
  const auto first = sincos(state[0]), second = sincos(state[1]);
  seen[0] = first.cos;
  seen[1] = first.sin;
  seen[2] = second.cos;
  seen[3] = second.sin;
  seen[4] = state[2];
  seen[5] = state[3];
}
