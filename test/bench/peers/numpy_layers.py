"""Recurrent layers in NumPy, float32: products over whole sequences, and all parameters in one array, so that clip and
update are a few calls."""
import numpy as np

from common import TASK

V, H = TASK['vocabulary'], TASK['hidden']
LSTM = TASK.get('cell') == 'lstm'
G = 4 * H if LSTM else H
RANDOM = np.random.RandomState(0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Parameters:
    """Float32 weights, gradients and moments, each in one array, with views by name."""

    def __init__(self, shapes):
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        self.weights = RANDOM.uniform(-(H**-0.5), H**-0.5, sum(sizes)).astype(np.float32)
        self.gradients, self.mean, self.squares = (np.zeros_like(self.weights) for _ in range(3))
        ends = np.cumsum(sizes)
        view = lambda a: {k: a[e - n : e].reshape(s) for (k, s), n, e in zip(shapes.items(), sizes, ends)}
        self.w, self.d, self.updates = view(self.weights), view(self.gradients), 0

    def update(self, rule, rate, clip=None):
        g = self.gradients
        if clip:
            np.minimum(np.maximum(g, -clip, out=g), clip, out=g)
        if rule == 'sgd':
            self.weights -= rate * g
        elif rule == 'adagrad':
            self.squares += g * g
            self.weights -= rate * g / (np.sqrt(self.squares) + 1e-10)
        else:
            self.updates += 1
            self.mean *= 0.9
            self.mean += 0.1 * g
            self.squares *= 0.999
            self.squares += 0.001 * g * g
            root = np.sqrt(self.squares / (1 - 0.999**self.updates))
            root += 1e-8
            self.weights -= rate / (1 - 0.9**self.updates) * self.mean / root


class Recurrent:
    """A layer whose parameters are x, h and b under a prefix; the gates are i, f, o and the candidate."""

    def __init__(self, parameters, prefix, inputs, steps, lanes):
        self.w, self.d, self.p, self.inputs, self.steps, self.lanes = parameters.w, parameters.d, prefix, inputs, steps, lanes
        new = lambda *shape: np.zeros((*shape, H), np.float32)
        self.h, self.c, self.tanh_c = new(steps + 1, lanes), new(steps + 1, lanes), new(steps, lanes)
        self.gates, self.dz = np.zeros((2, steps, lanes, G), np.float32)
        self.one_hot = np.eye(inputs, dtype=np.float32)

    def forward(self, x, h, c):
        """x: tokens, or the numbers of the layer below; the states are copied."""
        w, p, T, B = self.w, self.p, self.steps, self.lanes
        self.x, self.h[0], self.c[0] = x, h, c
        z = w[p + 'x'][x] if x.dtype.kind == 'i' else (x.reshape(T * B, -1) @ w[p + 'x']).reshape(T, B, G)
        z += w[p + 'b']
        wh = w[p + 'h']
        for t in range(T):
            z[t] += np.dot(self.h[t], wh)
            if LSTM:
                g = self.gates[t]
                g[:, : 3 * H] = sigmoid(z[t, :, : 3 * H])
                np.tanh(z[t, :, 3 * H :], out=g[:, 3 * H :])
                np.multiply(g[:, H : 2 * H], self.c[t], out=self.c[t + 1])
                self.c[t + 1] += g[:, :H] * g[:, 3 * H :]
                np.tanh(self.c[t + 1], out=self.tanh_c[t])
                np.multiply(g[:, 2 * H : 3 * H], self.tanh_c[t], out=self.h[t + 1])
            else:
                np.tanh(z[t], out=self.h[t + 1])
        return self.h[1:]

    def backward(self, dout, dh, below=False):
        """Writes the gradients; returns those at the first state and, if asked for, at the layer below."""
        w, d, p, T, B = self.w, self.d, self.p, self.steps, self.lanes
        turned, dc = w[p + 'h'].T, np.zeros((B, H), np.float32)
        if LSTM:
            i, f, o, u = (self.gates[..., k * H : (k + 1) * H] for k in range(4))
            at_c, at_o = o * (1 - self.tanh_c**2), self.tanh_c * o * (1 - o)
            at_i, at_f, at_u = u * i * (1 - i), self.c[:-1] * f * (1 - f), i * (1 - u * u)
        else:
            slope = 1 - self.h[1:] ** 2
        for t in reversed(range(T)):
            dh = dh + dout[t] if dout is not None else dh
            dz = self.dz[t]
            if LSTM:
                dc += dh * at_c[t]
                np.multiply(dc, at_i[t], out=dz[:, :H])
                np.multiply(dc, at_f[t], out=dz[:, H : 2 * H])
                np.multiply(dh, at_o[t], out=dz[:, 2 * H : 3 * H])
                np.multiply(dc, at_u[t], out=dz[:, 3 * H :])
                dc *= f[t]
            else:
                np.multiply(dh, slope[t], out=dz)
            dh = np.dot(dz, turned)
        flat = self.dz.reshape(T * B, G)
        np.dot(self.h[:-1].reshape(T * B, H).T, flat, out=d[p + 'h'])
        x = self.one_hot[self.x.ravel()] if self.x.dtype.kind == 'i' else self.x.reshape(T * B, -1)
        np.dot(x.T, flat, out=d[p + 'x'])
        np.sum(flat, 0, out=d[p + 'b'])
        return dh, (flat @ w[p + 'x'].T).reshape(T, B, -1) if below else None


def readout(parameters, h, targets):
    """Loss, gradients of y and c, and the gradient at the states."""
    w, d, rows = parameters.w, parameters.d, h.reshape(-1, H)
    p = rows @ w['y'] + w['c']
    p -= p.max(1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(1, keepdims=True)
    at = np.arange(len(p)), targets.ravel()
    loss = -np.log(p[at]).mean()
    p[at] -= 1
    p /= len(p)
    np.dot(rows.T, p, out=d['y'])
    np.sum(p, 0, out=d['c'])
    return loss, (p @ w['y'].T).reshape(h.shape)
