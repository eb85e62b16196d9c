"""Make the recordings in `mctx/` anew: what DeepMind's mctx does on the models of `tables.py`.

pip install "planning-arena[peers]"
python -m tests.search.record_mctx
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mctx
import numpy as np

from search.puct import PUCT
from tests.search.tables import BATCH, Tables, make_tables

FOLDER = Path(__file__).parent / "mctx"
CASES = [  # search, kind, actions, simulations
    *(("puct", kind, *shape) for kind in ("solo", "duel") for shape in ((3, 40), (7, 64), (19, 100), (82, 50))),
    *(("gumbel", kind, *shape) for kind in ("solo", "duel") for shape in ((3, 40), (7, 64), (19, 100), (82, 50))),
    *(("stochastic", "chance", *shape) for shape in ((3, 40), (4, 100), (7, 64))),
]
LOW, HIGH = -4.0, 4.0  # bounds of the returns


def q_of_ours(tree: Any, node: Any, fpu: float = PUCT().fpu) -> Any:
    """Our Q in [0, 1] with first-play urgency, as a transformation for mctx."""
    visits, q = tree.children_visits[node], tree.qvalues(node)
    prior = jax.nn.softmax(tree.children_prior_logits[node])
    tried = jnp.sum(jnp.where(visits > 0, prior, 0.0))
    untried = (tree.node_values[node] - LOW) / (HIGH - LOW) - fpu * jnp.sqrt(tried)
    return jnp.where(visits > 0, (q - LOW) / (HIGH - LOW), untried)


def step(tables: Tables, sign: float, params: Any, key: Any, action: Any, state: Any) -> Any:
    """The recurrent function: `state` [B] after `action` [B]."""
    after = jnp.asarray(tables.follow)[state, action]
    output = mctx.RecurrentFnOutput(
        reward=jnp.asarray(tables.rewards)[state, action],
        discount=jnp.full(state.shape, sign * tables.discount, jnp.float32),
        prior_logits=jnp.asarray(tables.logits)[after],
        value=jnp.asarray(tables.values)[after],
    )
    return output, after


def decide(tables: Tables, params: Any, key: Any, action: Any, state: Any) -> Any:
    after = jnp.asarray(tables.follow)[state, action]
    output = mctx.DecisionRecurrentFnOutput(
        chance_logits=jnp.asarray(tables.odds)[after], afterstate_value=jnp.asarray(tables.values)[after]
    )
    return output, after


def deal(tables: Tables, params: Any, key: Any, outcome: Any, state: Any) -> Any:
    after = jnp.asarray(tables.dealt)[state, outcome]
    output = mctx.ChanceRecurrentFnOutput(
        action_logits=jnp.asarray(tables.logits)[after],
        value=jnp.asarray(tables.values)[after],
        reward=jnp.asarray(tables.rewards)[after, 0],
        discount=jnp.full(state.shape, tables.discount, jnp.float32),
    )
    return output, after


def searched(search: str, kind: str, actions: int, simulations: int) -> Any:
    """mctx's visit counts [B, A] at the roots, and the value there [B]."""
    tables = make_tables(kind, actions, seed=actions)
    state = jnp.arange(BATCH)
    root = mctx.RootFnOutput(
        prior_logits=jnp.asarray(tables.logits)[state], value=jnp.asarray(tables.values)[state], embedding=state
    )
    arguments = {
        "params": (),
        "rng_key": jax.random.PRNGKey(0),
        "root": root,
        "num_simulations": simulations,
        "invalid_actions": jnp.asarray(tables.illegal, jnp.float32),
    }
    recurrent = functools.partial(step, tables, -1.0 if kind == "duel" else 1.0)
    if search == "puct":
        output = mctx.muzero_policy(**arguments, recurrent_fn=recurrent, qtransform=q_of_ours, dirichlet_fraction=0.0)
    elif search == "gumbel":
        output = mctx.gumbel_muzero_policy(**arguments, recurrent_fn=recurrent, gumbel_scale=0.0)
    else:
        output = mctx.stochastic_muzero_policy(
            **arguments,
            decision_recurrent_fn=functools.partial(decide, tables),
            chance_recurrent_fn=functools.partial(deal, tables),
            qtransform=q_of_ours,
            dirichlet_fraction=0.0,
        )
    summary = output.search_tree.summary()
    return {
        "visits": np.asarray(summary.visit_counts)[:, :actions],
        "value": np.asarray(summary.value),
        "weights": np.asarray(output.action_weights)[:, :actions],
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for case in CASES:
        np.savez_compressed(FOLDER / ("-".join(map(str, case)) + ".npz"), **searched(*case))
