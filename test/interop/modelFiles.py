"""The other side of torch.ts: a model file of ours run in NumPy and torch, and files written for our reader.

    modelFiles.py FOLDER   with FOLDER/{rnn,lstm,gru}-{float32,float64}.safetensors written by saveModel

Needs NumPy; uses torch where it is. The format is read and written here by struct and json alone.
"""

import json
import struct
import sys

import numpy as np

try:
    import torch
except ImportError:
    torch = None

DTYPES = {"F32": np.float32, "F64": np.float64}
NAMES = {np.dtype(d): name for name, d in DTYPES.items()}
TOKENS = [0, 1, 2, 3, 4, 4, 2, 0]


def load(path):
    with open(path, "rb") as file:
        bytes_ = file.read()
    (length,) = struct.unpack("<Q", bytes_[:8])
    header = json.loads(bytes_[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = np.frombuffer(bytes_[8 + length + begin : 8 + length + end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors, metadata


def save(path, tensors, metadata):
    header, place = {"__metadata__": metadata} if metadata else {}, 0
    for name, array in tensors.items():
        header[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [place, place + array.nbytes],
        }
        place += array.nbytes
    text = json.dumps(header).encode()  # with spaces and escapes, unlike the reference
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def run_numpy(kind, w):
    """Logits of every step, from one token at a time."""
    size = w["rnn.weight_hh_l0"].shape[1]
    h = c = np.zeros(size, w["linear.weight"].dtype)
    rows = []
    for token in TOKENS:
        x = w["rnn.weight_ih_l0"][:, token] + w["rnn.bias_ih_l0"]
        y = w["rnn.weight_hh_l0"] @ h + w["rnn.bias_hh_l0"]
        if kind == "rnn":
            h = np.tanh(x + y)
        elif kind == "lstm":
            i, f, g, o = np.split(x + y, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            (xr, xz, xn), (yr, yz, yn) = np.split(x, 3), np.split(y, 3)
            z = sigmoid(xz + yz)
            h = (1 - z) * np.tanh(xn + sigmoid(xr + yr) * yn) + z * h
        rows.append(w["linear.weight"] @ h + w["linear.bias"])
    return np.array(rows)


def modules(kind, w):
    dtype = torch.float64 if w["linear.weight"].dtype == np.float64 else torch.float32
    hidden, inputs = w["rnn.weight_hh_l0"].shape[1], w["rnn.weight_ih_l0"].shape[1]
    recurrent = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    model = torch.nn.ModuleDict(
        {"rnn": recurrent(inputs, hidden), "linear": torch.nn.Linear(hidden, w["linear.weight"].shape[0])}
    )
    return model.to(dtype), dtype, inputs


def run_torch(kind, w, fresh=False):
    model, dtype, inputs = modules(kind, w)
    if not fresh:
        model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in w.items()})
    with torch.no_grad():
        x = torch.nn.functional.one_hot(torch.tensor(TOKENS), inputs).to(dtype)
        logits = model["linear"](model["rnn"](x.unsqueeze(1))[0])[:, 0]
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}, logits.numpy()


folder = sys.argv[1]
result = {"numpy": np.__version__, "torch": torch and torch.__version__, "tokens": TOKENS, "cases": []}
generator = np.random.RandomState(0)
for kind in ["rnn", "lstm", "gru"]:
    for dtype in ["float32", "float64"]:
        w, metadata = load(f"{folder}/{kind}-{dtype}.safetensors")
        case = {"kind": kind, "dtype": dtype, "format": metadata["format"], "logits": {}, "written": {}}
        case["logits"]["numpy"] = run_numpy(kind, w).ravel().tolist()
        ours = {name: generator.uniform(-1, 1, array.shape).astype(dtype) for name, array in w.items()}
        save(f"{folder}/{kind}-{dtype}-numpy.safetensors", ours, {})
        case["written"]["numpy"] = run_numpy(kind, ours).ravel().tolist()
        if torch:
            case["logits"]["torch"] = run_torch(kind, w)[1].ravel().tolist()
            torch.manual_seed(1)
            state, logits = run_torch(kind, w, fresh=True)
            save(f"{folder}/{kind}-{dtype}-torch.safetensors", state, {"format": "pt"})
            case["written"]["torch"] = logits.ravel().tolist()
        result["cases"].append(case)
print(json.dumps(result))
