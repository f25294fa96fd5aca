"""NumPy as articles have it: float64, columns, one-hot vectors, dictionaries of steps and of parameters."""
import numpy as np

from common import TASK, make_text, measure

V, H, T, RATE = TASK['vocabulary'], TASK['hidden'], TASK['steps'], TASK['rate']
text = make_text(40 * T + 1, V)
W = {k: np.random.uniform(-(H**-0.5), H**-0.5, s) for k, s in dict(x=(H, V), h=(H, H), y=(V, H), b=(H, 1), c=(V, 1)).items()}
S = {k: np.zeros_like(w) for k, w in W.items()}
at, carried = 0, np.zeros((H, 1))

def step():
    global at, carried
    if at == 40 * T:
        at, carried = 0, np.zeros((H, 1))
    xs, hs, ps, loss = {}, {-1: carried}, {}, 0
    for t in range(T):
        xs[t] = np.zeros((V, 1))
        xs[t][text[at + t]] = 1
        hs[t] = np.tanh(np.dot(W['x'], xs[t]) + np.dot(W['h'], hs[t - 1]) + W['b'])
        y = np.dot(W['y'], hs[t]) + W['c']
        e = np.exp(y - np.max(y))
        ps[t] = e / np.sum(e)
        loss -= np.log(ps[t][text[at + t + 1], 0]) / T
    D = {k: np.zeros_like(w) for k, w in W.items()}
    dh = np.zeros((H, 1))
    for t in reversed(range(T)):
        dy = ps[t].copy()
        dy[text[at + t + 1]] -= 1
        dy /= T
        D['y'] += np.dot(dy, hs[t].T)
        D['c'] += dy
        dz = (1 - hs[t] * hs[t]) * (np.dot(W['y'].T, dy) + dh)
        D['x'] += np.dot(dz, xs[t].T)
        D['h'] += np.dot(dz, hs[t - 1].T)
        D['b'] += dz
        dh = np.dot(W['h'].T, dz)
    for k, d in D.items():
        np.clip(d, -5, 5, out=d)
        if TASK['optimizer'] == 'sgd':
            W[k] -= RATE * d
        else:
            S[k] += d * d
            W[k] -= RATE * d / (np.sqrt(S[k]) + 1e-10)
    at, carried = at + T, hs[T - 1]
    return loss

measure(f'NumPy {np.__version__} plain', step, T)
