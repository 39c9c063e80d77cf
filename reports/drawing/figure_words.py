"""What the lines, bands and ridges of figures are: said once, for the figures of every card."""

_FIGURES = {
    "Curves": """
        The line is the median over our seeds, shaded from the smallest to the largest seed. Dashed
        lines without marks are the paper's.""",
    "Bands": """
        From the least to the greatest value over the step sizes, each the median over our seeds.
        """,
    "Against the step size": """
        The line is the median over training and our seeds; shaded is all but the lowest and the
        highest tenth.""",
    "Ridges": """
        Each ridge is the distribution at one moment of training, the mean over our seeds; time runs
        downwards. Within a column heights share one scale, and every ridge has the same area.""",
}

FIGURES = tuple((kind, " ".join(text.split())) for kind, text in _FIGURES.items())
