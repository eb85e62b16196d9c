"""What foreign environments, which keep their state to themselves, share: spaces, looks, and the game around them."""
