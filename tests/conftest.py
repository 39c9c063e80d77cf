"""What all tests share: pytest's own fixture for running pytest on a small project."""

pytest_plugins = ["pytester"]
