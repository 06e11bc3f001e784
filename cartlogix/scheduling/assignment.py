"""Equal slots: where each start takes one place in one window, the problem is an assignment."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from cartlogix.scheduling.columns import Columns
from cartlogix.scheduling.plan import Plan
from cartlogix.scheduling.time_indexed import SMALL, Ints

LARGEST_COST = 10**12
"""Costs are scaled to whole numbers below this, which the flow's arithmetic carries safely."""


def slots(columns: Columns) -> Ints | None:
    """The slot that each column takes (-1: none that is scarce); None if it is no assignment.

    Rows that cannot be exceeded whatever is chosen are left away first.
    """
    if columns.cost.shape[0] != 1 or len(columns.most) or not columns.complete:
        return None
    matrix = columns.matrix.tocsr()[columns.groups :]
    upper = columns.upper[columns.groups :]
    scarce = []
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        most = np.zeros(columns.groups)
        np.maximum.at(most, columns.group[matrix.indices[part]], matrix.data[part])
        if most.sum() > upper[row]:
            scarce.append(row)
    limited = matrix[scarce].tocsc()
    counts = np.diff(limited.indptr)
    if (counts > 1).any() or (limited.data != 1).any():
        return None
    slot = np.full(len(columns.start), -1)
    slot[counts == 1] = np.array(scarce, dtype=np.int64)[limited.indices]
    return slot


def assign(columns: Columns, slot: Ints) -> tuple[Plan, float] | None:
    """The best assignment of operations to slots and its proven bound; None if there is none.

    A minimum-cost flow from groups through slots (cost-scaling push-relabel, Goldberg, 1997).
    Costs are rounded to whole numbers, which the bound allows for.
    """
    cost = columns.cost[0]
    largest = float(np.abs(cost).max(initial=0.0))
    whole = bool((cost == np.round(cost)).all()) and largest < LARGEST_COST
    scale = 1.0 if whole else LARGEST_COST / max(largest, SMALL)
    price = np.round(cost * scale).astype(np.int64)
    best = _cheapest(columns, slot, price)
    flow = min_cost_flow.SimpleMinCostFlow()
    groups = columns.groups
    used = np.unique(slot[slot >= 0])
    sink = groups + len(used)
    into = np.where(slot[best] >= 0, groups + np.searchsorted(used, slot[best]), sink)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        columns.group[best], into, np.ones(len(best), dtype=np.int64), price[best]
    )
    upper = columns.upper[columns.groups + used].astype(np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(
        groups + np.arange(len(used)), np.full(len(used), sink), upper, np.zeros(len(used), int)
    )
    supply = np.concatenate([np.ones(groups), np.zeros(len(used)), [-groups]]).astype(np.int64)
    flow.set_nodes_supplies(np.arange(len(supply)), supply)
    if flow.solve() != flow.OPTIMAL:
        return None
    chosen = best[np.asarray(flow.flows(arcs)) > 0]
    value = float(cost[chosen].sum())
    jobs = int(columns.place.max(initial=-1)) + 1
    return columns.plan(jobs, chosen), value if whole else value - groups / scale


def _cheapest(columns: Columns, slot: Ints, price: Ints) -> Ints:
    """The cheapest column of each group in each slot: the others are never needed."""
    ranked = np.lexsort((columns.start, price, slot, columns.group))
    group, where = columns.group[ranked], slot[ranked]
    first = np.ones(len(ranked), dtype=bool)
    first[1:] = (group[1:] != group[:-1]) | (where[1:] != where[:-1])
    return ranked[first]
