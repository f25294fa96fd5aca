"""PyTorch: `mode` nn takes its layers, loop a network written out step by step, script the same by TorchScript."""
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common import MODE, TASK, THREADS, make_text, measure

torch.set_num_threads(THREADS)
torch.manual_seed(0)
PEER = f'PyTorch {torch.__version__} {MODE}'
V, H, KIND = TASK['vocabulary'], TASK['hidden'], TASK['kind']
LSTM = TASK.get('cell') == 'lstm'
ONE_HOT = torch.eye(V)


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = (nn.LSTM if LSTM else nn.RNN)(V, H, TASK.get('layers', 1))
        self.linear = nn.Linear(H, V)

    def forward(self, tokens, state):
        out, state = self.recurrent(ONE_HOT[tokens], state)
        return self.linear(out.flatten(0, 1)), state

    def start(self, lanes):
        zeros = torch.zeros(TASK.get('layers', 1), lanes, H)
        return (zeros, zeros) if LSTM else zeros

    def generate(self, count: int):
        token, state = torch.zeros(1, 1, dtype=torch.long), self.start(1)
        for _ in range(count):
            logits, state = self(token, state)
            token = torch.multinomial(torch.softmax(logits, 1), 1)


class WrittenOut(nn.Module):
    lstm: torch.jit.Final[bool]

    def __init__(self):
        super().__init__()
        bound, gates = H ** -0.5, 4 * H if LSTM else H
        weight = lambda *shape: nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.x, self.h, self.b, self.y, self.c = weight(V, gates), weight(H, gates), weight(gates), weight(H, V), weight(V)
        self.lstm = LSTM
        self.hidden = H

    def forward(self, tokens: Tensor, state: Tensor):
        sums, states = F.embedding(tokens, self.x) + self.b, []
        for t in range(tokens.size(0)):
            state = torch.tanh(torch.addmm(sums[t], state, self.h))
            states.append(state)
        return torch.addmm(self.c, torch.cat(states), self.y), state

    def start(self, lanes: int):
        return torch.zeros(lanes, H)

    @torch.jit.export
    def generate(self, count: int):
        token = torch.zeros(1, dtype=torch.long)
        h, c = torch.zeros(1, self.hidden), torch.zeros(1, self.hidden)
        for _ in range(count):
            z = torch.addmm(self.x[token] + self.b, h, self.h)
            if self.lstm:
                gates = torch.sigmoid(z[:, : 3 * self.hidden])
                c = gates[:, self.hidden : 2 * self.hidden] * c + gates[:, : self.hidden] * torch.tanh(z[:, 3 * self.hidden :])
                h = gates[:, 2 * self.hidden :] * torch.tanh(c)
            else:
                h = torch.tanh(z)
            token = torch.multinomial(torch.softmax(torch.addmm(self.c, h, self.y), 1), 1)[0]


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder, self.linear = nn.RNN(V, H), nn.RNN(V, H), nn.Linear(H, V)

    def forward(self, source, told):
        _, state = self.encoder(ONE_HOT[source])
        return self.linear(self.decoder(ONE_HOT[told], state)[0].flatten(0, 1))


def train():
    steps, lanes = TASK['steps'], TASK['lanes']
    columns = torch.tensor(make_text(40 * steps * lanes + lanes, V)).view(lanes, -1).t().contiguous()
    plain = Layers() if MODE == 'nn' else WrittenOut()
    network = torch.jit.script(plain) if MODE == 'script' else plain
    parameters = list(network.parameters())
    rules = dict(sgd=torch.optim.SGD, adagrad=torch.optim.Adagrad, adam=torch.optim.Adam)
    optimizer = rules[TASK['optimizer']](parameters, lr=TASK['rate'])
    at, state = 0, plain.start(lanes)

    def step():
        nonlocal at, state
        if at == 40 * steps:
            at, state = 0, plain.start(lanes)
        logits, after = network(columns[at : at + steps], state)
        loss = F.cross_entropy(logits, columns[at + 1 : at + steps + 1].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_value_(parameters, 5)
        optimizer.step()
        state = tuple(s.detach() for s in after) if isinstance(after, tuple) else after.detach()
        at += steps
        return loss.item()

    measure(PEER, step, steps * lanes)


def generate():
    network = Layers() if MODE == 'nn' else WrittenOut()
    network = torch.jit.script(network) if MODE == 'script' else network
    with torch.inference_mode():
        measure(PEER, lambda: network.generate(100), 100)


def translate():
    steps, lanes = TASK['steps'], TASK['lanes']
    sources = torch.tensor(make_text(64 * steps * lanes, V)).view(64, steps, lanes)
    network = Translator()
    if MODE == 'script':
        network = torch.jit.trace(network, (sources[0], sources[0]))
    optimizer, at = torch.optim.Adam(network.parameters(), lr=TASK['rate']), 0

    def step():
        nonlocal at
        source, at = sources[at % 64], at + 1
        target = source.flip(0)
        told = torch.cat([torch.zeros(1, lanes, dtype=torch.long), target[:-1]])
        loss = F.cross_entropy(network(source, told), target.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    measure(PEER, step)


dict(train=train, generate=generate, translate=translate)[KIND]()
