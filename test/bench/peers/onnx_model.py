"""Writes the step of a character model (token, h, c → probabilities, h, c) for onnxruntime to the file in `path`."""
import torch
from torch import nn

from common import TASK

V, H, LSTM = TASK['vocabulary'], TASK['hidden'], TASK['cell'] == 'lstm'


class Step(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent, self.linear = (nn.LSTM if LSTM else nn.RNN)(V, H), nn.Linear(H, V)
        self.register_buffer('one_hot', torch.eye(V))

    def forward(self, token, h, c):
        x = self.one_hot[token].unsqueeze(1)
        if LSTM:
            y, (h, c) = self.recurrent(x, (h, c))
        else:
            y, h = self.recurrent(x, h)
        return torch.softmax(self.linear(y[0]), 1), h, c


zeros = torch.zeros(1, 1, H)
arguments = (torch.zeros(1, dtype=torch.long), zeros, zeros)
names = dict(input_names=['token', 'h', 'c'], output_names=['p', 'hAfter', 'cAfter'])
torch.onnx.export(Step().eval(), arguments, TASK['path'], opset_version=14, **names)
