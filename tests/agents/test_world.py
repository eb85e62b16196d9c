"""The networks of a learned model, and the windows that they learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from agents.core.backends import BACKENDS, make_backend
from agents.core.episodes import Steps
from agents.core.latent import Settings, network_of, shape_of
from agents.core.unroll import Targets, consistent, decoded, targets
from agents.core.windows import Windows, Worth, pictured
from agents.core.world import StochasticWorldNet, World, WorldNet, expectation, scaled, squash, two_hot, unsquash
from agents.stochastic_muzero import unevenness
from games.core.registry import make_game

SMALL = Settings(blocks=1, channels=8, bins=11)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def network(spec: str, kind: type[WorldNet] = WorldNet, codes: int = 0, flat: int = 0) -> Any:
    """With weights that are not 0 anywhere."""
    torch.manual_seed(0)
    net = network_of(make_game(spec), replace(SMALL, flat=flat), kind, codes)
    for parameter in net.parameters():
        if not parameter.any():
            torch.nn.init.uniform_(parameter, -0.5, 0.5)
    return net.eval()


@pytest.mark.parametrize("x", [0.0, 0.3, -1.0, 7.5, -300.0, 30_000.0])
def test_the_support_has_room_for_small_and_large(x: float) -> None:
    assert float(unsquash(squash(torch.tensor(x)))) == pytest.approx(x, rel=1e-3, abs=1e-3)


def test_two_bins_stand_for_a_value() -> None:
    values = torch.tensor([[-1.0, 0.0, 0.4], [1.0, 5.0, -0.77]])
    weights = two_hot(values, 1.0, 21)
    assert weights.shape == (2, 3, 21)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 3))
    assert (weights > 0).sum(-1).max() <= 2
    back = expectation(torch.log(weights + 1e-12), 1.0)
    assert torch.allclose(back, values.clamp(-1, 1), atol=1e-3)


def test_latents_are_scaled_one_by_one() -> None:
    latents = scaled(torch.randn(3, 4, 2, 2) * 9)
    assert latents.flatten(1).amin(1).tolist() == [0, 0, 0]
    assert latents.flatten(1).amax(1).tolist() == [1, 1, 1]
    assert not scaled(torch.zeros(1, 4)).any()


@pytest.mark.parametrize(
    ("spec", "flat"), [("connect_four", 0), ("othello", 1), ("nim", 0), ("game_2048", 0), ("game_2048", 1)]
)
@pytest.mark.parametrize("name", BACKENDS)
def test_backends_agree_with_the_network(name: str, spec: str, flat: int) -> None:
    if reason := BACKENDS[name].missing():
        pytest.skip(f"backend {name}: {reason}")
    game = make_game(spec)
    chance = game.outcomes > 0
    net = network(spec, StochasticWorldNet, 6, flat) if chance else network(spec, flat=flat)
    world = World(net, lambda part: make_backend(part, 4, name))
    seen = (np.random.default_rng(1).random((7, *game.observation_shape)) < 0.4).astype(np.float32)
    choices = np.eye(6 if chance else game.actions, dtype=np.float32)[np.arange(7) % 4]
    with torch.inference_mode():
        latents = net.represent(torch.from_numpy(seen))
        logits, values = net.predict(latents)
        after = net.dynamics(latents, torch.from_numpy(choices))
        rewards, followers = net.outcome(after)
        assert net.decode(after).shape == seen.shape
    wanted = latents, logits, expectation(values, 1.0)
    said = world.represent(seen)
    off = 1e-4 if world.backends["represent"].precision == "float32" else 0.1
    assert all(np.allclose(a, b.numpy(), atol=off) for a, b in zip(said, wanted, strict=True))
    step = world.imagine(latents.numpy(), choices)
    assert [part.shape for part in step] == [after.shape, logits.shape, (7, values.shape[1]), (7, values.shape[1]),
                                             (7, game.seats + 1)]  # fmt: skip
    pairs = (step[0], after), (step[3], expectation(rewards, 1.0)), (step[4], followers)
    assert all(np.allclose(a, b.numpy(), atol=off) for a, b in pairs)
    if chance:
        assert world.act(latents.numpy(), np.eye(4, dtype=np.float32)[np.arange(7) % 4])[1].shape == (7, 6)


def test_the_decoder_feeds_nothing_back() -> None:
    net = network("connect_four").train()
    seen = torch.rand(4, 2, 6, 7)
    net.decode(net.represent(seen)).square().mean().backward()
    taught = {name for name, parameter in net.named_parameters() if parameter.grad is not None}
    assert taught
    assert all(name.startswith("decoder.") for name in taught)


def targets_of(net: WorldNet, seen: Any, batch: int, unroll: int) -> Targets:
    """Windows of a game of Connect Four in which that was seen."""
    windows, even = Windows(50, 7, 2, 1, 1, 100, 1.0), np.full((len(seen), 7), 1 / 7, np.float16)
    windows.add(game_of(len(seen), 2)._replace(observations=seen, policy=even))
    return targets(windows.windows(batch, unroll, 0.0, np.random.default_rng(0)), net)


def test_what_is_imagined_is_drawn_to_what_is_seen() -> None:
    """Where that can be seen; and what is seen is not drawn to what is imagined."""
    net = network("connect_four").train()
    torch.nn.init.normal_(net.values.weight)
    t = targets_of(net, np.random.default_rng(0).random((4, 2, 6, 7), np.float32), 8, 3)
    ahead = [torch.rand(8, *net.architecture.latent, requires_grad=True) for _ in range(3)]
    weights = Settings(consistency_weight=1.0, distance_weight=1.0, apart_weight=1.0)
    losses = consistent(net, ahead, t, weights)
    assert set(losses) == {"consistency", "distance", "apart"}
    assert 0 < t.whole[:, 1:].mean() < 1
    for part in losses.values():
        assert (part[t.whole[:, 1:] == 0] == 0).all()
        assert (part[t.whole[:, 1:] == 1] != 0).all()
    (losses["distance"].sum() + losses["apart"].sum()).backward()
    assert all(latents.grad is not None and latents.grad.abs().sum() > 0 for latents in ahead)
    assert net.stem.map.weight.grad is None
    with torch.no_grad():
        near = consistent(net.eval(), [net.represent(t.observations[:, k]) for k in (1, 2, 3)], t, weights)
    assert max(near[name].abs().max() for name in ("distance", "apart")) < 1e-5
    assert set(consistent(net, ahead, t, Settings(apart_weight=1.0))) == {"apart"}


def test_values_that_are_certain_are_no_trouble() -> None:
    net = network("connect_four").eval()
    torch.nn.init.normal_(net.values.weight, 0, 1e4)
    t = targets_of(net, np.random.default_rng(0).random((4, 2, 6, 7), np.float32), 8, 3)
    far = [torch.rand(8, *net.architecture.latent) for _ in range(3)]
    assert torch.isfinite(consistent(net, far, t, Settings(apart_weight=1.0))["apart"]).all()


def test_the_decoder_learns_from_a_part_as_from_all() -> None:
    """Where all of a batch is the same, which four need not divide."""
    net = network("connect_four").eval()
    t = targets_of(net, np.ones((1, 2, 6, 7), np.float32), 5, 1)
    latents = net.represent(t.observations.flatten(0, 1))
    whole = (net.decode(latents) - t.observations.flatten(0, 1)).square().flatten(1).mean(1).view(5, 2)
    torch.testing.assert_close(decoded(net, latents, t).mean(0), whole.mean(0))


def test_rows_are_for_planes_alone() -> None:
    flat = Settings(flat=1)
    assert shape_of(make_game("game_2048"), flat).flat
    nim = shape_of(make_game("nim"), flat)
    assert not nim.flat
    with pytest.raises(ValueError, match="no network is like"):
        replace(nim, flat=True)


def test_how_unevenly_codes_are_used() -> None:
    assert unevenness(torch.full((8,), 1 / 8)).item() == pytest.approx(0, abs=1e-6)
    assert unevenness(torch.eye(8)[0]).item() == pytest.approx(np.log(8), abs=1e-6)


# -- windows -------------------------------------------------------------------------------------------------------


def game_of(plies: int, seats: int, together: int = 1) -> Steps:
    """A game whose ply p pays p + 1 to the first seat and half of that to the second; expected: 100 * ply."""
    count = plies * together
    ply = np.arange(count) // together
    paid = np.stack([(ply + 1) / (seat + 1) for seat in range(seats)], 1).astype(np.float32)
    return Steps(
        observations=np.arange(count, dtype=np.float32)[:, None],
        legal=np.ones((count, 3), bool),
        action=(np.arange(count) % 3).astype(np.int32),
        mover=(np.arange(count) % seats).astype(np.int32),
        policy=np.full((count, 3), 1 / 3, np.float16),
        value=np.repeat(100 * ply[:, None], seats, 1).astype(np.float32),
        reward=paid,
        left=np.arange(count - 1, -1, -1).astype(np.int32),
        priority=np.zeros(count, np.float32),
    )


def drawn(windows: Windows, start: int, unroll: int, worth: Worth | None = None) -> Any:
    """The window that begins with the decision `start`."""
    for seed in range(1000):
        window = windows.windows(1, unroll, 0.0, np.random.default_rng(seed), worth)
        if window.observations[0, 0, 0] == start:
            return window
    raise AssertionError("it was never drawn")


def test_returns_are_worked_out_by_hand() -> None:
    windows = Windows(50, 3, 1, 1, 1, td_steps=2, discount=0.5)
    windows.add(game_of(3, 1))
    window = drawn(windows, 0, 3)
    np.testing.assert_allclose(window.value[0, :, 0], [1 + 0.5 * 2 + 0.25 * 200, 2 + 0.5 * 3, 3, 0])
    np.testing.assert_allclose(window.reward[0, :, 0], [1, 2, 3])
    assert window.follower.tolist() == [[0, 0, 1]]
    assert window.alive.tolist() == [[True, True, True, False]]
    assert window.action[0].tolist() == [0, 1, 2]
    later = drawn(windows, 2, 3)
    np.testing.assert_allclose(later.value[0, :, 0], [3, 0, 0, 0])
    np.testing.assert_allclose(later.reward[0, :, 0], [3, 0, 0])
    assert later.follower.tolist() == [[1, 1, 1]]


def test_what_comes_after_n_steps_may_be_asked_anew() -> None:
    windows = Windows(50, 3, 1, 1, 1, td_steps=2, discount=0.5)
    windows.add(game_of(4, 1))

    def worth(observations: Any, movers: Any) -> Any:
        assert movers.tolist() == [0] * len(observations)
        return 10 * observations

    wanted = [1 + 0.5 * 2 + 0.25 * 20, 2 + 0.5 * 3 + 0.25 * 30, 3 + 0.5 * 4, 4]
    np.testing.assert_allclose(drawn(windows, 0, 3, worth).value[0, :, 0], wanted)


def test_the_search_has_its_share_of_what_the_value_learns() -> None:
    windows = Windows(50, 3, 1, 1, 1, td_steps=100, discount=1.0, search_value=0.25)
    windows.add(game_of(3, 1))
    np.testing.assert_allclose(drawn(windows, 0, 3).value[0, :, 0], [0.75 * 6, 0.75 * 5 + 25, 0.75 * 3 + 50, 0])


def test_values_are_seen_by_who_moves() -> None:
    windows = Windows(50, 3, 2, 2, 1, td_steps=100, discount=1.0)
    windows.add(game_of(3, 2))
    window = drawn(windows, 0, 2)
    np.testing.assert_allclose(window.value[0], [[6, 3], [2.5, 5], [3, 1.5]])
    assert window.follower.tolist() == [[1, 1]]


def test_seats_that_act_at_once_come_in_turn_from_who_plans() -> None:
    windows = Windows(50, 3, 2, 2, 2, td_steps=100, discount=1.0)
    windows.add(game_of(3, 2, 2))
    window = drawn(windows, 1, 4)  # the second seat, in the first ply
    assert window.observations[0, :, 0].tolist() == [1, 0, 3, 2, 5]
    np.testing.assert_allclose(window.reward[0], [[0, 0], [1, 0.5], [0, 0], [2, 1]])  # when both have chosen
    np.testing.assert_allclose(window.value[0, :2], [[3, 6], [6, 3]])
    assert window.whole.tolist() == [[True, False, True, False, True]]
    assert window.follower.tolist() == [[1, 1, 1, 1]]


def test_what_was_expected_wrongly_is_drawn_more_often() -> None:
    windows = Windows(50, 3, 1, 1, 1, td_steps=100, discount=1.0)
    steps = windows.judged(game_of(3, 1))
    assert steps.priority.tolist() == [6, 95, 197]
    windows.add(steps)
    window = windows.windows(4000, 1, 1.0, np.random.default_rng(0))
    share = np.bincount(window.observations[:, 0, 0].astype(int), minlength=3) / 4000
    np.testing.assert_allclose(share, np.array([6, 95, 197]) / 298, atol=0.03)
    assert window.weight.mean() == pytest.approx(1)
    rare, frequent = (window.weight[window.observations[:, 0, 0] == n].mean() for n in (0, 2))
    assert rare / frequent == pytest.approx(197 / 6, rel=0.01)


def test_a_picture_keeps_what_was_done_where_it_was_done() -> None:
    game = make_game("tic_tac_toe")
    steps = game_of(6, 2)._replace(
        observations=np.zeros((6, *game.observation_shape), np.float32), policy=np.eye(9, dtype=np.float16)[:6],
        action=np.arange(6, dtype=np.int32), legal=np.ones((6, 9), bool),
    )  # fmt: skip
    steps.observations[np.arange(6), 0, np.arange(6) // 3, np.arange(6) % 3] = 1
    windows = Windows(50, 9, 2, 2, 1, 100, 1.0)
    windows.add(steps)
    dice = np.random.default_rng(0)
    window = pictured(windows.windows(64, 2, 0.0, dice), game.symmetries(), dice)
    cells = window.observations[:, :, 0].reshape(64, 3, 9)
    assert (cells.argmax(2) == window.policy.argmax(2))[window.alive].all()
    taken = window.alive[:, :-1]
    assert (cells[:, :-1].argmax(2) == window.action)[taken].all()
    assert len(np.unique(window.action[taken])) == 9


def test_what_was_searched_anew_stays() -> None:
    windows = Windows(50, 3, 1, 1, 1, 100, 1.0)
    windows.add(game_of(3, 1))
    windows.renew(np.array([1]), np.array([[1, 0, 0]], np.float16), np.array([[7]], np.float32))
    other = Windows(50, 3, 1, 1, 1, 100, 1.0)
    other.add(game_of(3, 1))
    other.restore(windows.state())
    assert other.ring is not None
    assert other.ring.value[:3, 0].tolist() == [0, 7, 200]
    assert other.ring.policy[1].tolist() == [1, 0, 0]
