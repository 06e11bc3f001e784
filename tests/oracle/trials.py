"""The stochastic oracles as trials: scenario, overrides, and the measure that reads them."""

from __future__ import annotations

from tests.oracle import measures as m
from tests.oracle.judge import Trial

_DURATION = "pathways.autologous.route.manufacture.duration"
_LEAD = "stocks.doses.lot.route.manufacture.duration"
_QUEUE = ("W", "L", "utilisation")

TRIALS = (
    Trial("Q01", m.slot_queue, also=_QUEUE),
    Trial("Q02", m.slot_queue, also=(*_QUEUE, "Lq")),
    Trial("Q04b", m.slot_queue, also=("W", "L")),
    Trial("Q07", m.slot_queue, label="exponential", also=("utilisation",)),
    Trial("Q07", m.slot_queue, (f"{_DURATION}=10 d",), "constant", also=("utilisation",)),
    Trial(
        "Q07",
        m.slot_queue,
        (f"{_DURATION}={{law: lognormal, mean: 10 d, sd: 8 d}}",),
        "lognormal",
        also=("utilisation",),
    ),
    Trial("Q09", m.slot_queue, also=("utilisation", "throughput", "Lq")),
    Trial("Q11", m.tandem, also=("W_apheresis", "W_manufacture", "W_qc", "L_total")),
    Trial("Q15", m.weekly_release, also=("mean_wait", "slot_fill")),
    Trial("Q17", m.censored),
    Trial("Q21", m.slot_queue, also=("L_minus_lamW",)),
    Trial("I01", m.stock_service, also=("fill_rate", "mean_on_order", "sales_rate")),
    Trial(
        "I01",
        m.stock_service,
        (f"{_LEAD}={{law: exponential, mean: 20 d}}",),
        "exponential",
        also=("fill_rate", "mean_on_order", "sales_rate"),
    ),
    Trial("I02", m.stock_service, also=("mean_wait",)),
    Trial("I03", m.stock_service, also=("mean_wait",)),
    Trial("I05", m.stock_service, also=("fill_rate", "order_rate", "mean_on_order")),
    Trial("I11", m.newsvendor, also=("expected_cost",)),
    Trial("P01", m.vein_to_vein),
    Trial("P02", m.attempts),
    Trial("P03", m.drop_out),
    Trial("P07", m.weekly_delay),
    Trial("C01", m.cost_per_patient),
    Trial("C02", m.cost_per_patient),
)
