// Generalised advantages of two rows of five tokens, against the recursion written out.
const assert = require('node:assert/strict');

const shape = [2, 5];
const gamma = 0.99;
const lambda = 0.95;
const rewards = Float64Array.from({ length: 10 }, (_, i) => Math.sin(i + 1));
const values = Float64Array.from({ length: 10 }, (_, i) => Math.cos(i));

function advantagesOfRow(row) {
  const [, length] = shape;
  const result = new Array(length);
  let [advantage, next] = [0, 0];
  for (let t = length - 1; t >= 0; t -= 1) {
    const value = values[row * length + t];
    advantage = rewards[row * length + t] + gamma * next - value + gamma * lambda * advantage;
    result[t] = advantage;
    next = value;
  }
  return result;
}

function checkGae(gae) {
  const operands = { rewards: { data: rewards, shape }, values: { data: values, shape } };
  const { advantages } = gae({ ...operands, gamma, lambda });
  assert.deepEqual([...advantages.shape], shape);
  [0, 1].flatMap(advantagesOfRow).forEach((want, i) => {
    assert.ok(Math.abs(advantages.data[i] - want) < 1e-12, `[${i}]: ${advantages.data[i]} ${want}`);
  });
}

exports.checkGae = checkGae;
