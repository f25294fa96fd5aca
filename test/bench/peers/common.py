"""What the Python peers share: the task from the command line, the text, the clock. One JSON line comes out."""
import json
import sys
import time

TASK = json.loads(sys.argv[1])  # the workload's own settings, and seconds, threads, mode
THREADS, MODE = TASK['threads'], TASK['mode']


def make_text(length, vocabulary):
    """As makeText in ../workloads.ts."""
    seed, token, text = 1, 0, []
    for _ in range(length):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        draw = seed >> 8
        token = (draw >> 3 if draw % 8 == 0 else 5 * token + 3) % vocabulary
        text.append(token)
    return text


def measure(peer, step, units=1):
    """As stopwatch in ../timing.ts; step() returns a loss or None."""
    clock, limit = time.perf_counter, TASK['seconds']
    started, calls, first = clock(), 0, None
    while (calls < 3 or clock() - started < 0.3 * limit) and clock() - started < 2 * limit:
        loss = step()
        first = loss if first is None else first
        calls += 1
    chunk = max(1, int(calls / (clock() - started) * limit / 15))
    rates, started = [], clock()
    while clock() - started < limit or (len(rates) < 5 and clock() - started < 4 * limit):
        lap, losses = clock(), []
        for _ in range(chunk):
            losses.append(step())
        rates.append(chunk * units / (clock() - lap))
    rates.sort()
    last = None if first is None else float(sum(losses)) / chunk
    print(json.dumps(dict(peer=peer, rate=rates[len(rates) // 2], lossFirst=first and float(first), lossLast=last)))
