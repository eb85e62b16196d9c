"""The rules of Go as Tromp and Taylor word them, without suicide: slow, with boards as strings."""

BLACK, WHITE, FREE = "XO."


class Slow:
    """A game in which every board so far is kept and every chain is found anew."""

    def __init__(self, size: int) -> None:
        self.size, self.board, self.mover, self.passes = size, FREE * size**2, BLACK, 0
        self.boards = {self.board}

    def near(self, point: int) -> list[int]:
        row, column = divmod(point, self.size)
        spots = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        return [self.size * y + x for y, x in spots if 0 <= y < self.size and 0 <= x < self.size]

    def region(self, board: str, point: int) -> tuple[set[int], str]:
        """The points joined to `point` that are as it is, and all that lies around them."""
        inside, edge, waiting = {point}, "", [point]
        while waiting:
            for near in self.near(waiting.pop()):
                if board[near] != board[point]:
                    edge += board[near]
                elif near not in inside:
                    inside.add(near)
                    waiting.append(near)
        return inside, edge

    def cleared(self, board: str, color: str) -> str:
        """The board without the stones of `color` that have no liberty."""
        alive, dead = set[int](), set[int]()
        for point, stone in enumerate(board):
            if stone == color and point not in alive | dead:
                chain, edge = self.region(board, point)
                (alive if FREE in edge else dead).update(chain)
        return "".join(FREE if point in dead else stone for point, stone in enumerate(board))

    def after(self, point: int) -> str | None:
        """The board once the mover has played there, were it not for superko; None where it may not even so."""
        if self.board[point] != FREE:
            return None
        placed = self.board[:point] + self.mover + self.board[point + 1 :]
        cleared = self.cleared(placed, WHITE if self.mover == BLACK else BLACK)
        return cleared if self.cleared(cleared, self.mover) == cleared else None

    def play(self, action: int) -> None:
        if action == self.size**2:
            self.passes += 1
        else:
            board = self.after(action)
            assert board is not None
            assert board not in self.boards
            self.board, self.passes = board, 0
            self.boards.add(board)
        self.mover = WHITE if self.mover == BLACK else BLACK

    def lead(self) -> int:
        """Black's area less White's."""
        lead = 0
        for point, stone in enumerate(self.board):
            reached = set(self.region(self.board, point)[1] if stone == FREE else stone)
            lead += (reached == {BLACK}) - (reached == {WHITE})
        return lead
