"""What a Python user would use instead: one JSON request a line in, one JSON answer a line out.

    {"workload": "gae", "first": true, "repeat": 3}  ->  {"seconds": 0.008, "peer": "numba row loop", "sample": [...]}

`seconds` is the time of one call, the mean of `repeat` calls after one that is not timed.
`sample` holds a few results, by which the caller knows that both sides compute the same.
A workload whose library is not installed answers {"missing": "numba"}.
Usage: peers.py <threads>.
"""
import json
import os
import sys
import time

THREADS = int(sys.argv[1])


def openblas_core():
    """OpenBLAS 0.3.21 takes a CPU newer than its list for an old one and runs SSE3 kernels."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except OSError:
        return None
    if "avx512bw" in flags and "avx512vl" in flags:
        return "SkylakeX"
    return "Haswell" if "avx2" in flags and "fma" in flags else None


# Read when the libraries are loaded, so set before.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
if openblas_core() is not None:
    os.environ.setdefault("OPENBLAS_CORETYPE", openblas_core())

import numpy as np  # noqa: E402


# The workloads' data: element i of stream `seed` is a hash of the two (src/demo/generator.ts).


def mix(h):
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h


def hashes(seed, count, first=0):
    index = np.arange(first, first + count, dtype=np.uint32)
    return mix(mix(index) + np.uint32(seed * 0x9E3779B9 % 2**32))


def uniform(seed, count, first=0):
    return hashes(seed, count, first) / 2.0**32


def uniform32(seed, shape, low, high):
    count = int(np.prod(shape))
    out = np.empty(count, np.float32)
    for first in range(0, count, 1 << 22):
        part = out[first : first + (1 << 22)]
        part[:] = low + (high - low) * uniform(seed, len(part), first)
    return out.reshape(shape)


def rows_of_weights(seed, rows, width):
    """[rows, width] probabilities; sums are taken left to right, as in every other language."""
    p = (1.0 + (hashes(seed, rows * width) >> np.uint32(8))).reshape(rows, width)
    return p / np.cumsum(p, axis=1)[:, -1:]


def torch_here():
    import torch

    torch.set_num_threads(THREADS)
    return torch


# Each workload prepares its data and returns (name of the peer, run, sample of the results).

GAMMA = 0.99


def sparse_model(dtype):
    from scipy.sparse import csr_matrix

    states, actions, width = 1_000_000, 4, 8
    rows, block = states * actions, states // width
    column = (hashes(1, rows * width).astype(np.uint64) * np.uint64(block)) >> np.uint64(32)
    column = column.reshape(rows, width).astype(np.int32) + np.arange(width, dtype=np.int32) * block
    probability = rows_of_weights(2, rows, width).astype(dtype).reshape(-1)
    pointer = np.arange(0, rows * width + 1, width, dtype=np.int32)
    matrix = csr_matrix((probability, column.reshape(-1), pointer), shape=(rows, states))
    rewards = uniform(3, rows).astype(dtype)

    def backup(values):
        q = rewards + dtype(GAMMA) * (matrix @ values)
        return q.reshape(states, actions).max(axis=1)

    return backup, uniform(5, states).astype(dtype)


def sweep(dtype):
    backup, values = sparse_model(dtype)
    return "scipy CSR + numpy max", lambda: backup(values), lambda v: v[:8]


def solve_to_span(backup, values, tolerance=1e-6):
    """Value iteration until the span bounds certify the values."""
    scale = GAMMA / (1 - GAMMA)
    while True:
        before, values = values, backup(values)
        change = values - before
        low, high = change.min(axis=-1), change.max(axis=-1)
        if np.max(scale * (high - low) / 2) <= tolerance:
            return values + (scale * (high + low) / 2)[..., None]


def sparse_solve():
    backup, values = sparse_model(np.float64)
    zero = np.zeros_like(values)
    return "scipy VI, span bound", lambda: solve_to_span(backup, zero), lambda v: v[[0, 1, -1]]


def board_sweep():
    size = 2000
    distance = 2 * (size - 1) - np.add.outer(np.arange(size), np.arange(size))
    values = -(1 - GAMMA ** np.minimum(distance, 1000)) / (1 - GAMMA)

    def run():
        up, down = np.vstack([values[:1], values[:-1]]), np.vstack([values[1:], values[-1:]])
        left = np.hstack([values[:, :1], values[:, :-1]])
        right = np.hstack([values[:, 1:], values[:, -1:]])
        after = -1.0 + GAMMA * np.maximum(np.maximum(up, down), np.maximum(left, right))
        after[-1, -1] = 0.0
        return after

    return "numpy, shifted boards", run, lambda after: after[0, :8]


def dense_solve():
    models, states, actions = 1000, 100, 4
    p = rows_of_weights(4, models * actions * states, states).reshape(models, actions * states, states)
    rewards = uniform(5, models * actions * states).reshape(models, actions, states)

    def backup(values):
        q = (p @ values[:, :, None]).reshape(models, actions, states)
        return (rewards + GAMMA * q).max(axis=1)

    zero = np.zeros((models, states))
    return "numpy VI, span bound", lambda: solve_to_span(backup, zero), lambda v: v[0, :8]


def linear_fqi(count, width, actions, iterations):
    phi = uniform32(23, (count, width), -1, 1).astype(np.float64)
    following = uniform32(24, (count, actions, width), -1, 1).astype(np.float64)
    rewards = uniform32(25, count, 0, 1).astype(np.float64)

    def run():
        gram = phi.T @ phi + 1e-3 * np.eye(width)
        w = np.zeros(width)
        for _ in range(iterations):
            y = rewards + 0.9 * (following @ w).max(axis=1)
            w = np.linalg.solve(gram, phi.T @ y)
        return w

    return "numpy", run, lambda w: w[:8]


def random_walk(d):
    """States with their action, rewards, and every next state with every action."""
    count, actions = 100_000, 4
    s = uniform(20, count * d).reshape(count, d)
    a = (hashes(21, count) % np.uint32(actions)).astype(np.int64)
    noise = uniform(22, count * d).reshape(count, d)
    step = (a[:, None] + np.arange(d)[None, :]) % 4 - 1.5
    following = np.clip(s + 0.1 * step + 0.05 * (noise - 0.5), 0.0, 1.0)
    rewards = 1.0 - np.abs(following - 0.5).mean(axis=1)
    x = np.concatenate([s, a[:, None]], 1).astype(np.float32)
    every = np.tile(np.arange(actions), count)[:, None]
    queries = np.concatenate([np.repeat(following, actions, 0), every], 1).astype(np.float32)
    return x, rewards, queries


def forest():
    from sklearn.ensemble import ExtraTreesRegressor

    settings = {"min_samples_split": 5, "max_features": 1.0, "bootstrap": False}
    return ExtraTreesRegressor(n_estimators=50, n_jobs=THREADS, random_state=0, **settings)


def trees_fit(d):
    x, rewards, _ = random_walk(d)
    return "sklearn", lambda: forest().fit(x, rewards), lambda m: [m.predict(x[:1000]).mean()]


def trees_predict(d):
    x, rewards, queries = random_walk(d)
    model = forest().fit(x, rewards)
    return "sklearn", lambda: model.predict(queries), lambda q: [q.mean()]


def trees_state(d):
    """One state a call, another each time; one thread, which is quicker here."""
    x, rewards, _ = random_walk(d)
    model = forest().fit(x, rewards).set_params(n_jobs=1)
    at = 0

    def run():
        nonlocal at
        at = (at + 1) % 1000
        return model.predict(x[at : at + 1])

    return "sklearn", run, lambda _: [model.predict(x[:1000]).mean()]


def network_step(threads):
    from threadpoolctl import threadpool_limits

    torch = torch_here()
    torch.set_num_threads(1)  # the faster: a step is too short for threads of torch itself
    threadpool_limits(limits=threads, user_api="blas")
    network = weighted_network(torch, [17, 256, 256, 1], 60, torch.nn.ReLU)
    x = torch.from_numpy(uniform32(61, (64, 256, 17), -1, 1))
    y = torch.from_numpy(uniform32(62, (64, 256, 1), 0, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    error = ((network(x[0]) - y[0]) ** 2).mean().item()
    batch = 0

    def run():
        nonlocal batch
        batch = (batch + 1) % 64
        optimizer.zero_grad(set_to_none=True)
        loss = ((network(x[batch]) - y[batch]) ** 2).mean()
        loss.backward()
        optimizer.step()

    return f"torch Adam, {threads} thread{'s of BLAS' if threads > 1 else ''}", run, lambda _: [error]


def gae(rows, length):
    import numba

    shape = (rows, length)
    rewards, values = uniform32(30, shape, -0.5, 0.5), uniform32(31, shape, -0.5, 0.5)
    gammas = np.where(hashes(32, rows * length) % 100 == 0, 0, 0.99).astype(np.float32).reshape(shape)
    advantages, returns = np.empty(shape, np.float32), np.empty(shape, np.float32)

    @numba.njit
    def loop(rewards, values, gammas, lam, advantages, returns):
        for b in range(rewards.shape[0]):
            carry = following = np.float32(0)
            for t in range(rewards.shape[1] - 1, -1, -1):
                gamma, value = gammas[b, t], values[b, t]
                carry = rewards[b, t] + gamma * following - value + gamma * lam * carry
                following = value
                advantages[b, t] = carry
                returns[b, t] = carry + value

    def run():
        loop(rewards, values, gammas, np.float32(0.95), advantages, returns)

    return "numba row loop", run, lambda _: advantages[0, :8]


def groups(count, size):
    scores = uniform32(40, (count // size, size), 0, 1)

    def run():
        deviation = scores.std(axis=1, ddof=1, keepdims=True) + np.float32(1e-6)
        return (scores - scores.mean(axis=1, keepdims=True)) / deviation

    return "numpy", run, lambda y: y[0, :8]


def ppo(count):
    torch = torch_here()
    new = uniform32(50, count, -3, 0)
    old = torch.from_numpy(new + uniform32(51, count, -0.4, 0.4))
    advantages = torch.from_numpy(uniform32(52, count, -1, 1))
    mask = torch.from_numpy((hashes(53, count) % 10 != 0).astype(np.float32))
    new = torch.from_numpy(new).requires_grad_(True)

    def run():
        new.grad = None
        ratio = torch.exp(new - old)
        clipped = torch.clamp(ratio, 0.8, 1.2)
        losses = torch.maximum(-advantages * ratio, -advantages * clipped)
        loss = (losses * mask).sum() / mask.sum()
        loss.backward()
        return loss

    return "torch autograd", run, lambda loss: [loss.item()]


def logits_of(rows, vocabulary, torch):
    labels = (hashes(8, rows) % np.uint32(vocabulary)).astype(np.int64)
    logits = torch.from_numpy(uniform32(7, (rows, vocabulary), -8, 8))
    return logits, torch.from_numpy(labels)[:, None]


def log_probs(rows, vocabulary, dtype):
    torch = torch_here()
    logits, labels = logits_of(rows, vocabulary, torch)
    logits = logits.to(getattr(torch, dtype))

    def run():
        with torch.inference_mode():
            total = torch.logsumexp(logits, -1)
            log_prob = logits.gather(1, labels).squeeze(1) - total
            return log_prob, total - (torch.softmax(logits, -1) * logits).sum(-1)

    return "torch logsumexp + softmax", run, lambda out: torch.stack(out)[:, 0].float().tolist()


def log_prob_gradient(rows, vocabulary):
    torch = torch_here()
    logits, labels = logits_of(rows, vocabulary, torch)
    logits.requires_grad_(True)

    def run():
        logits.grad = None
        log_prob = torch.log_softmax(logits, -1).gather(1, labels)
        (-log_prob.mean()).backward()
        return log_prob

    return "torch log_softmax, autograd", run, lambda out: [out[0].item(), logits.grad[0, 0].item()]


def weighted_network(torch, widths, seed, activation):
    offset, layers = 0, []
    for inputs, outputs in zip(widths, widths[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        scale = np.sqrt(6 / (inputs + outputs))
        weight = (2 * uniform(seed, inputs * outputs, offset) - 1) * scale
        bias = 0.01 * (uniform(seed, outputs, offset + inputs * outputs) - 0.5)
        offset += inputs * outputs + outputs
        layer.weight.data = torch.from_numpy(weight.astype(np.float32).reshape(outputs, inputs))
        layer.bias.data = torch.from_numpy(bias.astype(np.float32))
        layers += [layer, activation()]
    return torch.nn.Sequential(*layers[:-1])


def action(batch):
    torch = torch_here()
    network = weighted_network(torch, [55, 256, 256, 256, 6], 70, torch.nn.Mish).eval()
    x = torch.from_numpy(uniform32(71, (batch, 55), -1, 1))
    frozen = torch.jit.freeze(torch.jit.script(network))
    traced = torch.jit.freeze(torch.jit.trace(network, x))
    choices = [frozen, torch.jit.optimize_for_inference(traced)]

    def runner(model):
        def run():
            with torch.inference_mode():
                return model(x)

        return run

    # Which is faster depends on the batch and the machine.
    best = min(map(runner, choices), key=lambda run: min(seconds_of(run, 3) for _ in range(10)))
    return "torch jit", best, lambda y: y[0].tolist()


def workload(name, *sizes):
    makers = {
        "sweep_float64": lambda: sweep(np.float64),
        "sweep_float32": lambda: sweep(np.float32),
        "sparse_solve": sparse_solve,
        "dense_solve": dense_solve,
        "board_sweep": board_sweep,
        "linear_fqi": linear_fqi,
        "trees_fit": trees_fit,
        "trees_predict": trees_predict,
        "trees_state": trees_state,
        "network_step": network_step,
        "gae": gae,
        "groups": groups,
        "ppo": ppo,
        "log_probs_float32": lambda *sizes: log_probs(*sizes, "float32"),
        "log_probs_bfloat16": lambda *sizes: log_probs(*sizes, "bfloat16"),
        "log_prob_gradient": log_prob_gradient,
        "action": action,
    }
    return makers[name](*sizes)


def seconds_of(run, repeat):
    """One call that is not timed, so that a library's threads are awake and its caches warm."""
    run()
    started = time.perf_counter()
    for _ in range(repeat):
        run()
    return (time.perf_counter() - started) / repeat


def main():
    current, prepared = None, None
    for line in sys.stdin:
        request = json.loads(line)
        key = [request["workload"], *request.get("sizes", [])]
        try:
            answer = {}
            if key != current or request.get("first"):
                prepared = None  # frees the data of the one before
                peer, run, sample = workload(*key)
                prepared, current = run, key
                answer = {"peer": peer, "sample": [float(x) for x in sample(run())]}
            answer["seconds"] = seconds_of(prepared, request.get("repeat", 1))
        except ImportError as error:
            answer = {"missing": error.name}
        print(json.dumps(answer), flush=True)


main()
