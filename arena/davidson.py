"""Davidson's model of paired comparisons with draws, its likelihood, and where that likelihood has no maximum.

    P(first wins) : P(draw) : P(second wins)  =  e^(d/2) : nu : e^(-d/2),   d = r_first - r_second + g

R. R. Davidson (1970), "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments",
JASA 65, with the order effect g of Davidson and Beaver (1977), Biometrics 33. All strengths here are natural
logarithms; a parameter vector is (r_1, ..., r_P, g, log nu). In it the log likelihood is concave.

Who has won every game has no finite maximum-likelihood strength. The directions in which the likelihood never falls
(those of recession) form a cone; along them some outcomes become impossible, and what is left is an ordinary model in
which everything that is determined has a finite estimate: C. J. Geyer (2009), "Likelihood inference in exponential
families and directions of recession", Electronic Journal of Statistics 3. What is not determined is bounded, on the
side where the likelihood does fall, by its profile.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
FIRST, DRAW, SECOND = range(3)  # columns of counts and support
_ZERO = 1e-6  # entries of orthonormal vectors below this are rounding
_FIRM = 1e-4  # curvature (games a square unit) that no direction without a maximum still has where Newton stops
_STRIDE = 4.0  # the longest Newton step: far from the maximum there is no curvature to say where it lies
_RIDGE = 1e-8  # keeps a profile finite where other parameters run away; changes it by less than 1e-4


@dataclass(frozen=True)
class Cells:
    """Results by ordered pair."""

    players: int
    first: Array  # [C] player in seat 0
    second: Array  # [C] player in seat 1
    counts: Array  # [C, 3] games won by the first, drawn, won by the second; every row has some
    seat: bool = True  # whether the model has a first-seat advantage g

    @property
    def size(self) -> int:
        return self.players + 2


@dataclass(frozen=True)
class Fit:
    """The maximum of the likelihood, or the limit it tends to."""

    cells: Cells
    support: Array  # [C, 3] the outcomes that stay possible
    theta: Array  # [P + 2] parameters, up to what is not determined
    covariance: Array  # [P + 2, P + 2] of what is determined: the inverse Fisher information
    null: Array  # [P + 2, K] orthonormal directions that are not determined
    supremum: float  # of the log likelihood

    def determines(self, contrast: Array) -> bool:
        """Whether the results give contrast . theta [P + 2] a finite estimate."""
        return bool(np.abs(contrast @ self.null).max(initial=0.0) < _ZERO)

    def estimate(self, contrast: Array) -> tuple[float, float]:
        """A determined contrast . theta and its standard error."""
        return float(contrast @ self.theta), math.sqrt(max(float(contrast @ self.covariance @ contrast), 0.0))


def fit(cells: Cells) -> Fit:
    """Maximum likelihood by Newton's method, in the limiting model where the maximum does not exist."""
    support = _possible(cells)
    basis, _ = _directions(cells, support)
    theta = maximise(cells, support, np.zeros(cells.size), basis)
    _, _, information = derivatives(cells, support, theta)
    if basis.size and np.linalg.eigvalsh(basis.T @ information @ basis)[0] < _FIRM:
        support = _limit_support(cells)
        basis, _ = _directions(cells, support)
        theta = maximise(cells, support, np.zeros(cells.size), basis)
    value, _, information = derivatives(cells, support, theta)
    covariance = basis @ np.linalg.inv(basis.T @ information @ basis) @ basis.T
    return Fit(cells, support, theta, covariance, _directions(cells, support)[1], value)


def _possible(cells: Cells) -> Array:
    """[C, 3] the outcomes of the model. Where no game was drawn nu is 0, and draws are gone."""
    possible = np.ones_like(cells.counts, bool)
    possible[:, DRAW] = cells.counts[:, DRAW].any()
    return possible


def identifies_seat(cells: Cells) -> bool:
    """Whether the pairings tell a first-seat advantage from strength: not so where seats were never swapped."""
    _, null = _directions(cells, np.ones_like(cells.counts, bool))
    return bool(np.abs(null[cells.players]).max(initial=0.0) < _ZERO)


def derivatives(cells: Cells, support: Array, theta: Array) -> tuple[float, Array, Array]:
    """The log likelihood, its gradient [P + 2], and minus its Hessian [P + 2, P + 2] (the Fisher information)."""
    n, log_p = cells.counts.sum(1), _log_probabilities(cells, support, theta)
    p = np.exp(log_p)
    residual = cells.counts - n[:, None] * p
    gradient = _gather(cells, (residual[:, FIRST] - residual[:, SECOND]) / 2)
    gradient[-1] = residual[:, DRAW].sum()
    return _log_likelihood(cells, log_p), gradient, _information(cells, n, p)


def _log_probabilities(cells: Cells, support: Array, theta: Array) -> Array:
    d = theta[cells.first] - theta[cells.second] + theta[-2] * cells.seat
    logits = np.stack([d / 2, np.full_like(d, theta[-1]), -d / 2], 1)
    logits[~support] = -np.inf
    logits -= logits.max(1, keepdims=True)
    total: Array = np.exp(logits).sum(1, keepdims=True)
    log_p: Array = logits - np.log(total)
    return log_p


def _log_likelihood(cells: Cells, log_p: Array) -> float:
    return float(np.where(cells.counts > 0, cells.counts * np.maximum(log_p, -1e300), 0.0).sum())


def _gather(cells: Cells, values: Array) -> Array:
    """[P + 2] the sum over cells of values [C] times the gradient of d."""
    total = np.zeros(cells.size)
    total[:-2] = np.bincount(cells.first, values, cells.players) - np.bincount(cells.second, values, cells.players)
    total[-2] = values.sum() * cells.seat
    return total


def _information(cells: Cells, n: Array, p: Array) -> Array:
    """[P + 2, P + 2] the covariance of the sufficient statistics of n [C] games a cell with probabilities p [C, 3]."""
    P, lead = cells.players, p[:, FIRST] - p[:, SECOND]
    dd = n * (p[:, FIRST] + p[:, SECOND] - lead**2) / 4
    between = np.bincount(cells.first * P + cells.second, dd, P * P).reshape(P, P)
    total = np.zeros((cells.size, cells.size))
    total[:P, :P] = np.diag(between.sum(0) + between.sum(1)) - between - between.T
    total[:P, -2] = total[-2, :P] = _gather(cells, dd)[:P] * cells.seat
    total[-2, -2] = dd.sum() * cells.seat
    total[:-1, -1] = total[-1, :-1] = _gather(cells, -n * lead * p[:, DRAW] / 2)[:-1]
    total[-1, -1] = (n * p[:, DRAW] * (1 - p[:, DRAW])).sum()
    return total


def _directions(cells: Cells, support: Array) -> tuple[Array, Array]:
    """Orthonormal columns: directions that change some probability, and directions that change none."""
    p = support / support.sum(1, keepdims=True)
    values, vectors = np.linalg.eigh(_information(cells, np.ones(len(p)), p))
    moving = values > 1e-10 * max(values[-1], 1.0)
    return vectors[:, moving], vectors[:, ~moving]


def maximise(cells: Cells, support: Array, start: Array, basis: Array, ridge: float = 0.0) -> Array:
    """The theta in start + span(basis) of greatest likelihood, less ridge / 2 |theta|^2: damped Newton."""
    theta = start.copy()
    eye = np.eye(basis.shape[1])

    def objective(at: Array) -> float:
        return _log_likelihood(cells, _log_probabilities(cells, support, at)) - ridge / 2 * float(at @ at)

    for _ in range(200):
        value, gradient, information = derivatives(cells, support, theta)
        value -= ridge / 2 * float(theta @ theta)
        slope = basis.T @ (gradient - ridge * theta)
        step = np.linalg.solve(basis.T @ information @ basis + (ridge + 1e-12) * eye, slope)
        gain, move = float(slope @ step), basis @ step
        if gain < 1e-9:  # twice what is still to be won; one more step squares it
            theta += move
            break
        scale = min(1.0, _STRIDE / float(np.abs(move).max()))
        while objective(theta + scale * move) < value + 1e-4 * scale * gain and scale > 1e-6:
            scale /= 2
        theta += scale * move
    return theta


@dataclass(frozen=True)
class _Cone:
    """The directions of recession, {basis @ y: rows @ y >= 0}: no outcome that was seen may lose to another."""

    basis: Array  # [P + 2, M] directions that leave the odds between outcomes be that were both seen of a pair
    rows: Array  # [K, M] distinct, of unit length
    cell: Array  # [N] constraints: the cell,
    other: Array  # [N] the outcome that becomes impossible where it is strict,
    row: Array  # [N] and which of the rows it is


def _recession(cells: Cells) -> _Cone:
    """A constraint for every outcome seen and every other possible one; few are distinct, so the cone is small."""
    _, basis = _directions(cells, cells.counts > 0)
    d = basis[cells.first] - basis[cells.second] + basis[-2] * cells.seat
    rates, possible = (d / 2, np.broadcast_to(basis[-1], d.shape), -d / 2), _possible(cells)
    rows, where, others = [], [], []
    for seen in (FIRST, DRAW, SECOND):
        for unseen in {FIRST, DRAW, SECOND} - {seen}:
            at = np.flatnonzero((cells.counts[:, seen] > 0) & (cells.counts[:, unseen] == 0) & possible[:, unseen])
            rows.append(rates[seen][at] - rates[unseen][at])
            where.append(at)
            others.append(np.full(len(at), unseen))
    A, cell, other = np.concatenate(rows), np.concatenate(where), np.concatenate(others)
    length: Array = np.linalg.norm(A, axis=1)
    some = length > _ZERO
    unit: Array = (A[some] / length[some, None]).round(11)
    distinct, index = np.unique(unit, axis=0, return_inverse=True)
    return _Cone(basis, distinct, cell[some], other[some], index.reshape(-1))


def _limit_support(cells: Cells) -> Array:
    """[C, 3] the outcomes still possible in the limit: no direction of recession makes them impossible. A linear
    programme finds a direction in which as much as possible is strict (K. Konis, 2007, thesis, Oxford)."""
    from scipy.optimize import linprog

    cone, limited = _recession(cells), _possible(cells)
    strict = np.zeros(len(cone.rows), bool)
    while not strict.all():
        cost = -cone.rows[~strict].sum(0)
        solved = linprog(cost, -cone.rows, np.zeros(len(cone.rows)), bounds=(-1, 1), method="highs")
        found = ~strict & (cone.rows @ solved.x > _ZERO)
        if not found.any():
            break
        strict |= found
    limited[cone.cell[strict[cone.row]], cone.other[strict[cone.row]]] = False
    return limited


def may_fall(cells: Cells, contrast: Array) -> bool:
    """Whether contrast . theta may go to minus infinity without the likelihood ever falling."""
    from scipy.optimize import linprog

    cone = _recession(cells)
    solved = linprog(contrast @ cone.basis, -cone.rows, np.zeros(len(cone.rows)), bounds=(-1, 1), method="highs")
    return bool(solved.fun < -_ZERO)


def lower_bound(fitted: Fit, player: int, anchor: int, drop: float) -> float:
    """The strength over the anchor below which the profile log likelihood is more than `drop` under its supremum.

    For a player whose strength may rise but not fall without end. The profile is concave and rising there, so
    Newton's method from a point under the level comes up to it without passing it.
    """
    profile = _profile(fitted, player, anchor)
    level = fitted.supremum - drop
    at, step = 0.0, 1.0
    value, slope = profile(at)
    while value > level and at > -60:  # e^-60 is beyond any log of games
        at, step = at - step, step * 2
        value, slope = profile(at)
    for _ in range(100):
        if level - value < 1e-7:
            break
        at += (level - value) / slope
        value, slope = profile(at)
    return at


def _profile(fitted: Fit, player: int, anchor: int) -> Callable[[float], tuple[float, float]]:
    """The greatest log likelihood with the player `x` over the anchor, and its slope in x, as a function of x."""
    cells = fitted.cells
    support = _possible(cells)
    used = [cells.seat or k != cells.players for k in range(cells.size)]
    basis = np.eye(cells.size)[:, [k for k in range(cells.size) if used[k] and k not in (player, anchor)]]
    theta = np.zeros(cells.size)

    def profile(x: float) -> tuple[float, float]:
        nonlocal theta
        theta = theta.copy()
        theta[anchor], theta[player] = 0.0, x
        theta = maximise(cells, support, theta, basis, _RIDGE)
        value, gradient, _ = derivatives(cells, support, theta)
        return value, float(gradient[player])

    return profile
