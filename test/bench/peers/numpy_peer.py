"""NumPy, optimised."""
import numpy as np

from common import TASK, make_text, measure
from numpy_layers import G, H, LSTM, RANDOM, V, Parameters, Recurrent, readout, sigmoid

PEER = f'NumPy {np.__version__} optimised'


def train():
    T, B, L = TASK['steps'], TASK['lanes'], TASK['layers']
    columns = np.array(make_text(40 * T * B + B, V)).reshape(B, -1).T.copy()
    sizes = [V] + [H] * (L - 1)
    shapes = {f'{l}{k}': s for l, n in enumerate(sizes) for k, s in dict(x=(n, G), h=(H, G), b=(G,)).items()}
    parameters = Parameters({**shapes, 'y': (H, V), 'c': (V,)})
    layers = [Recurrent(parameters, str(l), n, T, B) for l, n in enumerate(sizes)]
    zeros, at = np.zeros((B, H), np.float32), 0

    def step():
        nonlocal at
        at = 0 if at == 40 * T else at
        x, fresh = columns[at : at + T], at == 0
        for layer in layers:
            x = layer.forward(x, zeros if fresh else layer.h[T], zeros if fresh else layer.c[T])
        loss, dx = readout(parameters, x, columns[at + 1 : at + T + 1])
        for layer in reversed(layers):
            _, dx = layer.backward(dx, zeros, layer is not layers[0])
        parameters.update(TASK['optimizer'], TASK['rate'], 5)
        at += T
        return loss

    measure(PEER, step, T * B)


def generate():
    w = Parameters(dict(x=(V, G), h=(H, G), y=(H, V), c=(V,))).w
    h = c = np.zeros(H, np.float32)
    token = 0

    def step():
        nonlocal h, c, token
        for _ in range(100):
            z = w['x'][token] + np.dot(h, w['h'])
            if LSTM:
                gates = sigmoid(z[: 3 * H])
                c = gates[H : 2 * H] * c + gates[:H] * np.tanh(z[3 * H :])
                h = gates[2 * H :] * np.tanh(c)
            else:
                h = np.tanh(z)
            y = np.dot(h, w['y']) + w['c']
            chances = np.exp(y - y.max()).cumsum()
            token = min(int(chances.searchsorted(RANDOM.random_sample() * chances[-1])), V - 1)

    measure(PEER, step, 100)


def translate():
    T, B = TASK['steps'], TASK['lanes']
    sources = np.array(make_text(64 * T * B, V)).reshape(64, T, B)
    shapes = {p + k: s for p in 'ed' for k, s in dict(x=(V, H), h=(H, H), b=(H,)).items()}
    parameters = Parameters({**shapes, 'y': (H, V), 'c': (V,)})
    encoder, decoder = (Recurrent(parameters, p, V, T, B) for p in 'ed')
    zeros, at = np.zeros((B, H), np.float32), 0

    def step():
        nonlocal at
        source, at = sources[at % 64], at + 1
        target = source[::-1]
        told = np.concatenate([np.zeros((1, B), int), target[:-1]])
        state = encoder.forward(source, zeros, zeros)[-1]
        loss, dout = readout(parameters, decoder.forward(told, state, zeros), target)
        dh, _ = decoder.backward(dout, zeros)
        encoder.backward(None, dh)
        parameters.update('adam', TASK['rate'])
        return loss

    measure(PEER, step)


dict(train=train, generate=generate, translate=translate)[TASK['kind']]()
