"""Textbook results, computed independently of the simulator."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import binom, poisson

Floats = NDArray[np.float64]


def erlang_c(servers: int, load: float) -> float:
    """The probability of waiting in M/M/c; load = arrival rate x mean service."""
    blocking = 1.0
    for count in range(1, servers + 1):
        blocking = load * blocking / (count + load * blocking)
    return blocking / (1 - load / servers * (1 - blocking))


def stationary(rates: Floats) -> Floats:
    """The stationary law of a Markov chain with these rates from row to column."""
    generator = rates - np.diag(rates.sum(axis=1))
    system = np.vstack([generator.T, np.ones(len(rates))])
    right = np.append(np.zeros(len(rates)), 1.0)
    return np.asarray(np.linalg.lstsq(system, right, rcond=None)[0], dtype=np.float64)


def finite_room(arrivals: float, servers: int, room: int) -> Floats:
    """The number present in M/M/c/K with service rate 1 and K = servers + room."""
    size = servers + room + 1
    rates = np.zeros((size, size))
    for count in range(size - 1):
        rates[count, count + 1] = arrivals
        rates[count + 1, count] = min(count + 1, servers)
    return stationary(rates)


def deadline_losses(arrivals: float, servers: int, deadline: float) -> float:
    """The share who leave M/M/c+D, service rate 1 (Baccelli and Hebuterne 1981).

    The offered wait has density v(x) = arrivals pi(c-1) exp(-(c - arrivals) x) up to the deadline
    and falls at rate c beyond it.
    """
    head = [arrivals**count / math.factorial(count) for count in range(servers)]
    drift = servers - arrivals
    start = arrivals * head[-1]
    before = quad(lambda x: start * math.exp(-drift * x), 0, deadline)[0]
    beyond = start * math.exp(-drift * deadline) / servers
    return beyond / (sum(head) + before + beyond)


def cobham(arrivals: tuple[float, ...], servers: int) -> list[float]:
    """Mean waits by class in M/M/c with non-preemptive priority, service rate 1 (Cobham 1954)."""
    base = erlang_c(servers, sum(arrivals)) / servers
    heard = [1 - sum(arrivals[:count]) / servers for count in range(len(arrivals) + 1)]
    return [base / (above * own) for above, own in pairwise(heard)]


def bulk_leftover(mean_arrivals: float, starts: int) -> float:
    """Mean left in line after a release: R' = max(R + A - starts, 0), A Poisson (Bailey 1954)."""
    size = 200
    arrivals = poisson(mean_arrivals).pmf(np.arange(size))
    rates = np.zeros((size, size))
    for left in range(size):
        for came, chance in enumerate(arrivals):
            rates[left, min(max(left + came - starts, 0), size - 1)] += chance
    return float(stationary(rates) @ np.arange(size))


def lost_sales(demand: float, lead: float, point: int, quantity: int) -> tuple[float, float]:
    """P(lost) and mean on hand of (r, Q) with lost sales, exponential lead time and Q > r."""
    calm = {level: index for index, level in enumerate(range(point + 1, point + quantity + 1))}
    waiting = {level: len(calm) + level for level in range(point + 1)}
    rates = np.zeros((len(calm) + len(waiting), len(calm) + len(waiting)))
    for level, index in calm.items():
        rates[index, calm.get(level - 1, waiting[point])] += demand
    for level, index in waiting.items():
        rates[index, calm[level + quantity]] += 1 / lead
        if level:
            rates[index, waiting[level - 1]] += demand
    law = stationary(rates)
    levels = [*calm, *waiting]
    return float(law[waiting[0]]), float(law @ np.array(levels))


def periodic_review(demand: float, lead: float, review: float, level: int) -> tuple[float, float]:
    """Mean on hand and mean backorders of (R, S) with backorders and a constant lead time."""

    def on_hand(time: float) -> float:
        counts = np.arange(level)
        return float((level - counts) @ poisson(demand * time).pmf(counts))

    stock = quad(on_hand, lead, lead + review)[0] / review
    return stock, stock - level + demand * (lead + review / 2)


def erlang_b(servers: int, load: float) -> float:
    """The share lost by M/G/c/c; also of (S-1, S) with lost sales, for S servers (Karush 1957)."""
    blocking = 1.0
    for count in range(1, servers + 1):
        blocking = load * blocking / (count + load * blocking)
    return blocking


def matched_fill_rates(
    demand: tuple[float, float], donors: tuple[float, float], lead: float, level: int
) -> tuple[float, float]:
    """Fill rates of two classes with lost sales, one-for-one, exponential lead times.

    Doses of class 0 serve both, doses of class 1 their own; class 1 takes its own first. The class
    of each lot is drawn by the donors' frequencies. The state is the doses on hand by class.
    """
    states = [(o, a) for o in range(level + 1) for a in range(level + 1 - o)]
    place = {state: index for index, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for (o, a), here in place.items():
        coming = (level - o - a) / lead
        if coming:
            rates[here, place[o + 1, a]] += coming * donors[0]
            rates[here, place[o, a + 1]] += coming * donors[1]
        if o:
            rates[here, place[o - 1, a]] += demand[0]
        if a:
            rates[here, place[o, a - 1]] += demand[1]
        elif o:
            rates[here, place[o - 1, a]] += demand[1]
    law = stationary(rates)
    none = sum(law[place[state]] for state in states if state[0] == 0)
    return 1 - float(none), 1 - float(law[place[0, 0]])


def breakdowns(arrivals: float, fails: float, repairs: float) -> float:
    """Mean number in M/M/1 (service rate 1) whose server fails at any time, and resumes.

    White and Christie (1958), here as the stationary law of the chain (number, up or down).
    """
    size = 400
    rates = np.zeros((2 * size, 2 * size))
    for count in range(size):
        up, down = 2 * count, 2 * count + 1
        rates[up, down], rates[down, up] = fails, repairs
        if count + 1 < size:
            rates[up, up + 2] = rates[down, down + 2] = arrivals
            rates[up + 2, up] = 1.0
    law = stationary(rates)
    return float((law.reshape(size, 2).sum(axis=1) * np.arange(size)).sum())


def depot(
    bank: int, lead: float, rate: float, transit: float, level: int, total: float = 1.0
) -> dict[str, float]:
    """A depot that is supplied one-for-one by a bank, itself one-for-one, with backorders.

    Doses outstanding at the bank are Poisson (Palm). Those it owes are in the order of demand, and
    each is this depot's with the share of its demand; what was asked for during the transit comes
    on top (Simon 1971; Graves 1985). Exact for Poisson demand and a constant transit.
    """
    size = 200
    owed = poisson(total * lead).pmf(np.arange(bank, bank + size))
    owed[0] = poisson(total * lead).cdf(bank)
    mine = np.zeros(size)
    for count, chance in enumerate(owed):
        mine[: count + 1] += chance * binom(count, rate / total).pmf(np.arange(count + 1))
    law = np.convolve(mine, poisson(rate * transit).pmf(np.arange(size)))[:size]
    outstanding = np.arange(size)
    return {
        "on_hand": float(law @ np.maximum(level - outstanding, 0)),
        "backorders": float(law @ np.maximum(outstanding - level, 0)),
        "fill_rate": float(law[:level].sum()),
    }
